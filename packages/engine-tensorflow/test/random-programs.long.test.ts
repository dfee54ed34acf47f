import { spawnSync } from 'node:child_process';
import { createRequire } from 'node:module';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { tensorFlowForTests } from '@gru4rec/test-support';
import { beforeAll, describe, expect, it } from 'vitest';

const { missing } = tensorFlowForTests(process.env);
const tsx = pathToFileURL(createRequire(import.meta.url).resolve('tsx')).href;
const main = fileURLToPath(new URL('random-programs-main.ts', import.meta.url));

const below = (count: number): number[] => Array.from({ length: count }, (_, seed) => seed);
/** 38 and those from 116 on: TensorFlow's remapper fused a `MatMul` of a transposed matrix and a row, then refused it. */
const oneStep = [...below(100), 116, 163, 240, 241, 372, 381];
/** 11, 17, 37, 42, 52, 79 and 93: on some runs, a step assigned a state after the next step had. */
const threeSteps = [...below(58), 79, 93];

type Results = Map<number, string | null>;

/** Adds the results of one process, up to the program that ended it. @returns the signal that did. */
function addResults(results: Results, stepsPerCall: number, seeds: readonly number[]): string | null {
  const flags = ['--import', tsx, '--conditions=@gru4rec/source'];
  const args = [...flags, main, String(stepsPerCall), ...seeds.map(String)];
  const { status, signal, stdout, stderr } = spawnSync(process.execPath, args, { encoding: 'utf8' });
  for (const line of stdout.split('\n').filter((text) => text.endsWith(']'))) {
    const [seed, problem] = JSON.parse(line) as [number, string | null];
    results.set(seed, problem);
  }
  if (status !== 0)
    process.stderr.write(`TensorFlow ended with ${signal ?? status}: ${stderr.slice(-4000)}\n`);
  return signal;
}

/**
 * Runs the programs in a process of their own. Once, TensorFlow ended the process of this file near program 40 with three
 * steps per call, for an unknown reason. 6,000 more runs did not repeat it: under load, with guard pages around each tensor,
 * with a checked heap, and in Valgrind. So a second process runs the programs that the first has left, and the signal is
 * printed. A second signal fails.
 */
function runAll(stepsPerCall: number, seeds: readonly number[]): Results {
  const results: Results = new Map();
  if (addResults(results, stepsPerCall, seeds) === null) return results;
  const left = seeds.filter((seed) => !results.has(seed));
  addResults(results, stepsPerCall, left);
  return results;
}

describe.each([
  { stepsPerCall: 1, seeds: oneStep },
  { stepsPerCall: 3, seeds: threeSteps },
])('createTensorFlowEngine, $stepsPerCall steps per call', ({ stepsPerCall, seeds }) => {
  if (missing) {
    it('agrees with the reference engine on random programs', (ctx) => ctx.skip(missing));
    return;
  }
  let results: Results;
  beforeAll(() => {
    results = runAll(stepsPerCall, seeds);
  }, 300_000);
  it.each(seeds)('agrees with the reference engine on random program %i', (seed) => {
    expect(results.get(seed)).toBeNull();
  });
});

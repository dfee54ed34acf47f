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
const seeds = [...below(100), 116, 163, 240, 241, 372, 381];
type Results = Map<number, string | null>;

/** Runs the programs in a process, so that one that ends it fails instead of all tests of this file. */
function runAll(): Results {
  const flags = ['--import', tsx, '--conditions=@gru4rec/source'];
  const args = [...flags, main, ...seeds.map(String)];
  const { status, signal, stdout, stderr } = spawnSync(process.execPath, args, { encoding: 'utf8' });
  if (status !== 0)
    process.stderr.write(`TensorFlow ended with ${signal ?? status}: ${stderr.slice(-4000)}\n`);
  const lines = stdout.split('\n').filter((text) => text.endsWith(']'));
  return new Map(lines.map((line) => JSON.parse(line) as [number, string | null]));
}

describe('createTensorFlowEngine', () => {
  if (missing) {
    it('agrees with the reference engine on random programs', (ctx) => ctx.skip(missing));
    return;
  }
  let results: Results;
  beforeAll(() => {
    results = runAll();
  }, 300_000);
  it.each(seeds)('agrees with the reference engine on random program %i', (seed) => {
    expect(results.get(seed)).toBeNull();
  });
});

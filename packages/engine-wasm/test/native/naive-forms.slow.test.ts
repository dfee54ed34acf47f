import { spawnSync } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { createWasmEngine } from '@gru4rec/engine-wasm';
import type { Program } from '@gru4rec/program';
import { RandomStream } from '@gru4rec/random';
import { expectAgreement, expectExactTop, randomProgram, topProgram } from '@gru4rec/test-support';
import { describe, expect, it } from 'vitest';
import {
  addonFile,
  buildFolder,
  isAddonCurrent,
  kernelFolder,
  thisPlatform,
} from '../../scripts/native-build.mjs';
import { findNativeKernels } from '../../src/native/index.ts';
import { expectRanking, rankings } from './address-sanitizer/ranking.ts';
import { expectSteps, trainingSteps } from './address-sanitizer/training-steps.ts';

const sources = readdirSync(kernelFolder).map((name) => readFileSync(`${kernelFolder}/${name}`, 'utf8'));
const matches = (pattern: RegExp) =>
  sources.flatMap((text) => Array.from(text.matchAll(pattern), ([, name = '']) => name)).sort();
const naiveForms = matches(/^NAIVE_FORM\((\w+)\)/gm);

/** Compiles the naive kernels if a source has changed. @returns the addon, or why there is none. */
function naiveAddon(): { readonly path: string; readonly instructionSet: string } | string {
  const state = findNativeKernels();
  if (!state.kernels) return state.reason;
  const folder = buildFolder(`${thisPlatform}-naive`);
  if (!isAddonCurrent(folder)) {
    const script = fileURLToPath(new URL('../../scripts/build-native.mjs', import.meta.url));
    const args = [script, '--output', folder, '--compiler', `${process.env.CC ?? 'cc'} -DNAIVE`];
    const { status, stderr } = spawnSync(process.execPath, args, { encoding: 'utf8' });
    if (status === 3) return stderr.trim();
    if (status !== 0) throw new Error(stderr);
  }
  return { path: addonFile(folder), instructionSet: state.kernels.instructionSet };
}

/** Integers, whose products float32 represents exactly, so that sums in any order rank rows in the same way. */
function integerTable(seed: number) {
  const random = new RandomStream(seed, 'integer-tables');
  const size = { rows: 1 + random.nextBelow(200), units: 2 + random.nextBelow(40) };
  const [slots, k] = [1 + random.nextBelow(9), 1 + random.nextBelow(20)];
  const small = (length: number) => Float32Array.from({ length }, () => random.nextBelow(9) - 4);
  const [table, bias] = [small(size.rows * size.units), small(size.rows)];
  return { ...size, slots, k, table, bias, hidden: small(slots * size.units), target: new Int32Array(slots) };
}

describe('naive forms', () => {
  it('are all run by builds with -DNAIVE', () => {
    expect(naiveForms).toContain('NN');
    expect(matches(/(?<=NAIVE_KERNELS.*(?:\\\n.*)*)DO\((\w+)\)/g)).toEqual(naiveForms);
  });

  // The fast forms agree with it, too, in engine.test.ts, ranking.test.ts and random-programs.slow.test.ts.
  const kernels = new Set<string>();

  it.for([1, 3])('agree with the reference engine on %i threads', (threads, ctx) => {
    const native = naiveAddon();
    if (typeof native === 'string') return ctx.skip(native);
    const engine = createWasmEngine({ threads, threadsFrom: 0, native });
    const run = (program: Program) => {
      const runtime = engine.load([program]);
      for (const kernel of runtime.kernels(program.name)) kernels.add(kernel);
      return runtime;
    };
    for (const { config } of trainingSteps) run(expectSteps(engine, config)).dispose();
    // Scores of so few slots are stored before they are ranked.
    const fewSlots = { rows: 300, slots: 5, k: 7, places: 0, nan: false };
    for (const size of [...rankings, fewSlots]) run(expectRanking(engine, size)).dispose();
    for (let seed = 0; seed < 40; seed++) {
      const made = randomProgram(seed);
      const runtime = run(made.program);
      expectAgreement(runtime, made);
      runtime.dispose();
    }
    const [screened, whole] = [0, Number.POSITIVE_INFINITY].map((screenFrom) =>
      createWasmEngine({ threads, threadsFrom: 0, native, screenFrom }),
    );
    for (let seed = 0; seed < 10; seed++) {
      const given = integerTable(seed);
      expectExactTop(screened, whole, given);
      const program = topProgram(given, 1);
      for (const kernel of screened.load([program]).kernels(program.name)) kernels.add(kernel);
    }
    // Only several threads split the sums of a product.
    expect(naiveForms.filter((kernel) => !kernels.has(kernel))).toEqual(threads === 1 ? ['TN_PART'] : []);
  });
});

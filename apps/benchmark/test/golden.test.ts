import { fileURLToPath } from 'node:url';
import { createWasmEngine, type WasmEngineOptions } from '@gru4rec/engine-wasm';
import { findNativeKernels } from '@gru4rec/engine-wasm/native';
import { goldenFolder, readEvents, readGolden, type SessionTable } from '@gru4rec/test-support';
import { describe, expect, it } from 'vitest';
import { goldenEngines, listGoldens } from '../src/golden/command.ts';
import { runGolden } from '../src/golden/run-golden.ts';

const at = (file: string): URL => new URL(file, goldenFolder);
const names = listGoldens(fileURLToPath(goldenFolder));
const train: SessionTable = readEvents(at('events.tsv'));
const test: SessionTable = readEvents(at('test-events.tsv'), { itemIds: train.itemIds });

const tolerance32 = goldenEngines.wasm?.tolerance ?? { loss: 0, parameters: 0, evaluation: 0 };
const wasm = (options: WasmEngineOptions) => ({
  create: () => createWasmEngine(options),
  tolerance: tolerance32,
});
const native = findNativeKernels();
const instructionSets = native.kernels ? native.instructionSets : [];
/** Native kernels of every instruction set that this processor has. */
const nativeEngines = instructionSets.flatMap((set) =>
  [1, 2, 4].map((threads) => ({
    name: `wasm with ${set}, threads: ${threads}`,
    engine: wasm({ threads, threadsFrom: 0, native: findNativeKernels(set).kernels }),
  })),
);
/** The engines of the command, and the other builds and thread counts of the default one. */
const engines = {
  ...Object.fromEntries(Object.entries(goldenEngines).filter(([, { optional }]) => !optional)),
  'wasm, plain SIMD': wasm({ threads: 1, relaxed: false }),
  'wasm, 2 threads': wasm({ threads: 2, threadsFrom: 0, relaxed: false }),
  'wasm, 4 threads, relaxed SIMD': wasm({ threads: 4, threadsFrom: 0, relaxed: true }),
  ...Object.fromEntries(nativeEngines.map(({ name, engine }) => [name, engine])),
};

describe('recorded training runs', () => {
  it('run on native kernels', (ctx) => {
    if (!native.kernels) ctx.skip(`no native kernels: ${native.reason}`);
    expect(nativeEngines.length).toBeGreaterThan(0);
  });

  it('are all there', () => {
    expect(names.length).toBe(16);
  });

  describe.each(Object.entries(engines))('on engine %s', (_name, { create, tolerance }) => {
    it.each(names)('%s is reproduced', (name) => {
      const result = runGolden(readGolden(at(`${name}.json`)), train, test, create());
      expect(result.wrongSteps).toBe(0);
      expect(result.loss).toBeLessThanOrEqual(tolerance.loss);
      expect(result.parameters, result.worstParameter).toBeLessThanOrEqual(tolerance.parameters);
      expect(result.evaluation).toBeLessThanOrEqual(tolerance.evaluation);
    });
  });

  it('fail for another learning rate, a missing step, a missing parameter and other negatives', () => {
    const golden = readGolden(at('xe-sampled-logq-momentum.json'));
    const { Wy: _, ...withoutTable } = golden.final;
    const { create, tolerance } = goldenEngines.wasm ?? {};
    if (!create || !tolerance) throw new RangeError('no wasm engine');
    const run = (changes: Partial<typeof golden>) =>
      runGolden({ ...golden, ...changes }, train, test, create());
    const faster = { ...golden.config, learning_rate: golden.config.learning_rate * 1.01 };
    expect(run({ config: faster }).loss).toBeGreaterThan(tolerance.loss);
    expect(run({ losses: golden.losses.slice(1) }).wrongSteps).toBeGreaterThan(0);
    expect(run({ final: withoutTable })).toMatchObject({ parameters: Infinity, worstParameter: 'Wy' });
    const samples = golden.samples?.map((row) => row.map((item) => (item + 1) % train.itemIds.length)) ?? [];
    expect(run({ samples }).evaluation).toBeGreaterThan(tolerance.evaluation);
  });
});

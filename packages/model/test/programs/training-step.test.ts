import { type Batch, SessionParallelBatcher } from '@gru4rec/batcher';
import { createWasmEngine } from '@gru4rec/engine-wasm';
import { DistinctSamples, PopularitySampler } from '@gru4rec/sampler';
import { expectClose } from '@gru4rec/test-support';
import { describe, expect, it } from 'vitest';
import { buildTrainProgram } from '../../src/programs/build-train-program.ts';
import { mergersFor, TrainingStep } from '../../src/programs/training-step.ts';
import { initializeVariables } from '../../src/training/variables.ts';
import { reference, tinyConfig, tinyData, trainOn } from '../tiny-data.ts';

describe('merged samples', () => {
  it.each(['cross-entropy', 'bpr', 'top1', 'bpr-max', 'top1-max'])(
    'computes the same with equal samples merged: %s',
    async (loss) => {
      const config = tinyConfig({ loss, nSample: 40, momentum: 0.2, dropoutPHidden: 0.3 });
      const data = tinyData();
      const itemCount = data.itemIds.length;
      const merger = new DistinctSamples(itemCount, 31);
      const program = buildTrainProgram(config, itemCount);
      const merging = {
        merger,
        program: buildTrainProgram(config, itemCount, { mergedSamples: merger.items.length }),
      };
      const apart = reference.load([program]);
      const merged = reference.load([program, merging.program]);
      const negatives = new PopularitySampler({ support: data.support, alpha: 0.5, seed: 1 });
      const steps = [
        new TrainingStep(apart, config, { dropoutSeed: 1, program }),
        new TrainingStep(merged, config, { dropoutSeed: 1, program, merged: [merging] }),
      ];
      for (const runtime of [apart, merged]) initializeVariables(runtime, data.support, tinyConfig());
      const batcher = new SessionParallelBatcher({ ...data.train, batchSize: 6 });
      const samples = new Int32Array(40);
      for (let n = 0, batch = batcher.next(); batch && n < 30; batch = batcher.next(), n++) {
        negatives.sample(n, samples);
        const [a, b] = steps.map((step) => step.run(batch, samples, n, 0.1));
        expect(b).toBeCloseTo(a ?? Number.NaN, 11);
      }
      for (const { name } of apart.variables) {
        expectClose(merged.read(name), apart.read(name), { absolute: 1e-11, relative: 1e-9, name });
      }
    },
  );

  it('draws and merges with the functions of the engine', async () => {
    const [data, config] = [tinyData(), tinyConfig({ nSample: 40, nEpochs: 1 })];
    const plain = createWasmEngine({ threads: 1 });
    const calls = { draw: 0, merge: 0 };
    const sampling = {
      draw(_words: Uint32Array, _threshold: Uint32Array, _alias: Int32Array, out: Int32Array) {
        calls.draw++;
        out.fill(1);
      },
      merge(samples: Int32Array, _place: Int32Array, items: Int32Array, counts: Float32Array) {
        calls.merge++;
        items.fill(-1)[0] = 1;
        counts.fill(0)[0] = samples.length;
        return true;
      },
    };
    const model = await trainOn(data, config, { engine: { ...plain, sampling } });
    const steps = model.history[0]?.steps;
    expect(calls).toEqual({ draw: steps, merge: steps });
    model.dispose();
  });

  it('merges steps into noticeably fewer columns, with hard negatives every step', () => {
    const capacities = (items: number, hardNegatives: number) => {
      const sampler = new PopularitySampler({ support: new Int32Array(items).fill(1), alpha: 0.5, seed: 1 });
      return mergersFor(sampler, { nSample: 500, hardNegatives }).map((merger) => merger.items.length);
    };
    // 1000 items: 1000·(1 − e^(−1/2)) = 393 distinct ones are expected.
    const [few = 0] = capacities(1000, 0);
    expect(few).toBeGreaterThan(393);
    expect(few).toBeLessThan(450);
    expect(capacities(1000, 7)).toEqual([few, 500]);
    expect(capacities(1e6, 7)).toEqual([500]);
    expect(capacities(100, 7)).toEqual([100]);
    expect(capacities(1e6, 0)).toEqual([]);
    expect(mergersFor(undefined, { nSample: 0, hardNegatives: 0 })).toEqual([]);
  });

  it('runs a step that does not fit in the second program', () => {
    const config = tinyConfig({ nSample: 20, hardNegatives: 5 });
    const { itemIds, support } = tinyData();
    const engine = reference;
    const losses = [[12], [4, 12], [4, 8, 12]].map((capacities) => {
      const merged = capacities.map((capacity, at) => ({
        merger: new DistinctSamples(itemIds.length, capacity),
        program: buildTrainProgram(config, itemIds.length, { mergedSamples: capacity, name: `train-${at}` }),
      }));
      const program = buildTrainProgram(config, itemIds.length);
      const runtime = engine.load([program, ...merged.map((of) => of.program)]);
      initializeVariables(runtime, support, config);
      const step = new TrainingStep(runtime, config, { dropoutSeed: 1, program, merged });
      const batcher = new SessionParallelBatcher({ ...tinyData().train, batchSize: config.batchSize });
      const samples = [3, 8, 12].map((distinct) => Int32Array.from({ length: 20 }, (_, i) => i % distinct));
      return samples.map((drawn, n) => step.run(batcher.next() as Batch, drawn, n, 0.1));
    });
    expect(losses[0]?.every(Number.isFinite)).toBe(true);
    for (const other of losses) expectClose(other, losses[0] ?? [], { absolute: 1e-12, relative: 1e-12 });
  });
});

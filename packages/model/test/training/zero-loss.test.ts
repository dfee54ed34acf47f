import { SessionParallelBatcher } from '@gru4rec/batcher';
import { createReferenceEngine } from '@gru4rec/engine-reference';
import { createWasmEngine } from '@gru4rec/engine-wasm';
import { PopularitySampler } from '@gru4rec/sampler';
import { describe, expect, it } from 'vitest';
import { buildTrainProgram, buildZeroLossProgram } from '../../src/programs/build-train-program.ts';
import { TrainingStep } from '../../src/programs/training-step.ts';
import { noZeroLoss, ZeroLoss } from '../../src/training/divergence.ts';
import { initializeVariables } from '../../src/training/initialize.ts';
import { tinyConfig, tinyData } from '../tiny-data.ts';

const losses = [
  { loss: 'cross-entropy' },
  { logq: 1, smoothing: 0.1 },
  { loss: 'bpr', finalAct: 'linear' },
  { loss: 'top1', finalAct: 'tanh' },
  { loss: 'bpr-max', finalAct: 'sigmoid', bpreg: 1.5 },
  { loss: 'top1-max', finalAct: 'elu-0.5' },
];
const all = losses.filter(({ logq = 0 }) => logq === 0).map((values) => ({ ...values, nSample: 'all' }));
const inBatch = losses.map((values) => ({ ...values, nSample: 0 }));

/** The loss of an epoch by the training program with all parameters 0, and the result of `ZeroLoss`. */
function measure(values: Record<string, unknown>, engine = createWasmEngine({ threads: 1 })) {
  const config = tinyConfig(values);
  const { itemIds, support, train } = tinyData();
  const program = buildTrainProgram(config, itemIds.length);
  const zeroLoss = buildZeroLossProgram(config, itemIds.length);
  const runtime = engine.load([program, zeroLoss]);
  initializeVariables(runtime, support, config);
  for (const { name, kind, rows, cols } of runtime.variables)
    if (kind !== 'constant') runtime.write(name, new Float32Array(rows * cols));
  const negatives = new PopularitySampler({ support, alpha: config.sampleAlpha, seed: 1 });
  const samples = Number(config.nSample) > 0 ? new Int32Array(Number(config.nSample)) : undefined;
  const batcher = new SessionParallelBatcher({
    ...train,
    batchSize: config.batchSize,
    order: 'time',
    seed: 1,
  });
  const training = new TrainingStep(runtime, config, { dropoutSeed: 1, program });
  const zero = new ZeroLoss(runtime, zeroLoss, config, noZeroLoss());
  batcher.startEpoch(0);
  let [sum, events, count] = [0, 0, 0];
  for (let batch = batcher.next(); batch; batch = batcher.next(), count++) {
    if (samples) negatives.sample(count, samples);
    const values = () => (count > 0 ? [] : runtime.variables.map(({ name }) => runtime.read(name)));
    const before = values();
    zero.observe(batch, samples, batcher.eventsPerEpoch);
    expect(values()).toEqual(before);
    sum += training.run(batch, samples, count, 0) * config.batchSize;
    events += batch.liveSlots;
  }
  runtime.dispose();
  return { zero: zero.mean ?? Number.NaN, trained: sum / events, columns: itemIds.length };
}

describe('ZeroLoss', () => {
  it.each([...losses, ...all, ...inBatch])(
    'is the loss of the training program with parameters of 0: %j',
    (values) => {
      const { zero, trained } = measure(values);
      expect(Math.abs(zero - trained)).toBeLessThan(1e-5 * Math.abs(trained));
    },
  );

  it('is the same on the reference engine', () => {
    const [a, b] = [measure({ logq: 1 }), measure({ logq: 1 }, createReferenceEngine() as never)];
    expect(a.zero).toBeCloseTo(b.zero, 5);
  });

  it('is the logarithm of the number of items for cross-entropy over all items', () => {
    const { zero, columns } = measure({ nSample: 'all' });
    expect(zero).toBeCloseTo(Math.log(columns), 5);
  });

  it('evaluates at most 32 steps, spread over an epoch', () => {
    const seen: number[] = [];
    let at = 0;
    const run = () => {
      seen.push(at);
      return { loss: Float32Array.of(1) };
    };
    const zero = new ZeroLoss(
      { run } as never,
      { name: 'zero-loss' } as never,
      { batchSize: 1, nSample: 4 },
      noZeroLoss(),
    );
    const item = Int32Array.of(0);
    const slot = {
      input: item,
      target: item,
      resetMask: Float32Array.of(0),
      live: Float32Array.of(1),
      session: Float64Array.of(0),
      ...{ history: new Int32Array(0), context: new Int32Array(0), targetContext: new Int32Array(0) },
    };
    for (; at < 1000; at++) zero.observe({ ...slot, liveSlots: 1, step: at }, undefined, 1000);
    expect(zero.mean).toBe(1);
    expect(seen).toHaveLength(32);
    expect(seen.slice(0, 3)).toEqual([0, 31, 62]);
    expect(seen.at(-1)).toBe(961);
  });
});

import { SessionParallelBatcher } from '@gru4rec/batcher';
import { createReferenceEngine } from '@gru4rec/engine-reference';
import { createWasmEngine } from '@gru4rec/engine-wasm';
import { evaluate } from '@gru4rec/metrics';
import { DistinctSamples, PopularitySampler } from '@gru4rec/sampler';
import { expectClose } from '@gru4rec/test-support';
import { describe, expect, it } from 'vitest';
import { buildTrainProgram } from '../../src/programs/build-train-program.ts';
import { mergerFor } from '../../src/programs/merged-samples.ts';
import { TrainingStep } from '../../src/programs/training-step.ts';
import type { EpochRecord } from '../../src/training/epoch-record.ts';
import { initializeVariables } from '../../src/training/initialize.ts';
import { NonFiniteLossError } from '../../src/training/non-finite.ts';
import { train } from '../../src/training/train.ts';
import { tinyConfig, tinyData } from '../tiny-data.ts';

const engine = createWasmEngine();

describe('train', () => {
  it('accepts partial hyper-parameters, with the same bits as the complete configuration', async () => {
    const written = {
      loss: 'xe_logit',
      layers: [12],
      batchSize: 6,
      nSample: 16,
      nEpochs: 2,
      learningRate: 0.1,
    } as const;
    const model = await train(tinyData(), written, { engine });
    const complete = await train(tinyData(), tinyConfig(), { engine });
    expect(model.config).toEqual(complete.config);
    expect(model.tensors).toEqual(complete.tensors);
  });

  it('refuses hyper-parameters that contradict each other', async () => {
    const run = train(tinyData(), { loss: 'bpr-max', logq: 1 }, { engine });
    await expect(run).rejects.toThrow('configuration: "logq" expected 0 with loss bpr-max, got 1.');
  });

  it('does not compile with a misspelt key or value', async () => {
    // @ts-expect-error `los` is not a key.
    await expect(train(tinyData(), { los: 'bpr' }, { engine })).rejects.toThrow('unknown key "los"');
    // @ts-expect-error `bpr_max` is not a loss.
    await expect(train(tinyData(), { loss: 'bpr_max' }, { engine })).rejects.toThrow(
      '"loss" expected one of',
    );
  });

  it('lowers the loss and reports each epoch', async () => {
    const records: EpochRecord[] = [];
    const config = tinyConfig({ nEpochs: 5 });
    const model = await train(tinyData(), config, { engine, onEpoch: (r) => records.push(r) });
    expect(records.map((r) => r.epoch)).toEqual([1, 2, 3, 4, 5]);
    expect(records[4]?.loss).toBeLessThan(records[0]?.loss ?? 0);
    const pairs = tinyData().train.items.length - 40;
    expect(records.every((r) => r.events === pairs && r.steps > 0 && r.eventsPerSecond > 0)).toBe(true);
    expect(model.history).toEqual(records);
  });

  it.each([
    ['one-hot input', { constrainedEmbedding: false, embedding: 0 }],
    ['a separate table', { constrainedEmbedding: false, embedding: 9 }],
    ["a table of the layer's width", { constrainedEmbedding: false, embedding: 'layersize' }],
    ['two layers', { layers: [12, 7] }],
    ['reset-after', { gru: 'reset-after' }],
    ['BPR-max', { loss: 'bpr-max', finalAct: 'elu-0.5', bpreg: 1.5 }],
    ['BPR-max behind tanh', { loss: 'bpr-max', finalAct: 'tanh' }],
    ['logQ and smoothing', { logq: 1, smoothing: 0.1 }],
    ['dropout and momentum', { dropoutPEmbed: 0.3, dropoutPHidden: 0.2, momentum: 0.3 }],
    ['hard negatives', { hardNegatives: 5, temperature: 0.5, logq: 1 }],
    ['hard negatives of one slot', { hardNegatives: 5, batchSize: 1, nEpochs: 1 }],
    ['no samples', { nSample: 0 }],
    ['a hidden relu', { hiddenAct: 'relu' }],
    ['shuffled sessions', { sessionOrder: 'shuffled' }],
    ['sessions as stored', { sessionOrder: 'stored' }],
    ['more slots than sessions', { batchSize: 64 }],
    ['BPR', { loss: 'bpr', finalAct: 'linear' }],
    ['TOP1 behind tanh', { loss: 'top1', finalAct: 'tanh' }],
    ['TOP1-max behind selu', { loss: 'top1-max', finalAct: 'selu-1.05-1.67' }],
    ['BPR-max behind a leaky relu', { loss: 'bpr-max', finalAct: 'leaky-0.2' }],
    ['BPR-max behind sigmoid', { loss: 'bpr-max', finalAct: 'sigmoid' }],
    ['BPR-max behind relu', { loss: 'bpr-max', finalAct: 'relu' }],
    ['a simple recurrent cell', { cell: 'rnn' }],
    ['two layers of LSTM', { cell: 'lstm', layers: [9, 7] }],
    ['LSTM with one-hot input', { cell: 'lstm', constrainedEmbedding: false, dropoutPHidden: 0.2 }],
    ['a hidden elu', { cell: 'lstm', hiddenAct: 'elu-0.5' }],
    ['all items', { nSample: 'all' }],
    ['all items, a separate input table', { nSample: 'all', constrainedEmbedding: false, embedding: 5 }],
    ['all items, BPR', { nSample: 'all', loss: 'bpr' }],
    ['all items, TOP1', { nSample: 'all', loss: 'top1' }],
    ['all items, BPR-max', { nSample: 'all', loss: 'bpr-max', finalAct: 'elu-1' }],
    ['all items, TOP1-max, one slot', { nSample: 'all', loss: 'top1-max', batchSize: 1, nEpochs: 1 }],
    ['the sums of TOP1 over only a batch', { nSample: 0, loss: 'top1' }],
    ['adam', { optimizer: 'adam', beta1: 0.8, beta2: 0.99, learningRate: 0.01 }],
    ['rmsprop with momentum', { optimizer: 'rmsprop', decay: 0.95, momentum: 0.2, learningRate: 0.01 }],
    ['adadelta', { optimizer: 'adadelta', decay: 0.95, learningRate: 1 }],
    ['sgd with momentum', { optimizer: 'sgd', momentum: 0.5 }],
    ['L2', { lmbd: 0.1 }],
    ['L2 with all items', { lmbd: 0.1, nSample: 'all', momentum: 0.2 }],
    ['a gradient norm cap', { gradCap: 0.05 }],
    ['a gradient norm cap, all items', { gradCap: 0.05, nSample: 'all' }],
    ['warm-up and decay', { warmupSteps: 10, learningRateDecay: 'linear' }],
    ['normal first values', { sigma: 0.1, initAsNormal: true }],
    ['a hidden state carried on', { resetAfterSession: false }],
  ])('agrees with the reference engine: %s', async (_name, values) => {
    const config = tinyConfig(values);
    const fast = await train(tinyData(), config, { engine });
    const slow = await train(tinyData(), config, { engine: createReferenceEngine() });
    const [a, b] = [fast.history.at(-1)?.loss ?? 0, slow.history.at(-1)?.loss ?? Number.NaN];
    expect(Math.abs(a - b) / Math.abs(b)).toBeLessThan(2e-5);
  });

  it.each([
    ['optimizer', ['adagrad', 'adam', 'rmsprop', 'adadelta', 'sgd']],
    ['loss', ['cross-entropy', 'bpr', 'top1', 'bpr-max', 'top1-max']],
    ['cell', ['gru', 'lstm', 'rnn']],
    ['gru', ['reset-before', 'reset-after']],
    ['hiddenAct', ['tanh', 'relu', 'sigmoid', 'linear', 'elu-1', 'leaky-0.1', 'selu-1.05-1.67']],
    ['nSample', [0, 16, 'all']],
    ['resetAfterSession', [true, false]],
    ['learningRateDecay', ['none', 'linear']],
    ['warmupSteps', [0, 5]],
    ['gradCap', [0, 0.05]],
    ['lmbd', [0, 0.1]],
    ['momentum', [0, 0.3]],
    ['sigma', [0, 0.02]],
    ['initAsNormal', [false, true]],
    ['smoothing', [0, 0.1]],
    ['logq', [0, 1]],
    ['temperature', [0.5, 1, 2]],
    ['hardNegatives', [0, 3, 10]],
    ['sampleAlpha', [0, 0.5, 1]],
  ])('lowers the loss with every value of %s, each differently', async (key, values) => {
    const losses = new Set<number>();
    for (const value of values) {
      const adaptive = value === 'adam' || value === 'rmsprop';
      const config = tinyConfig({ [key]: value, nEpochs: 8, learningRate: adaptive ? 0.01 : 0.1 });
      const { history } = await train(tinyData(), config, { engine });
      const [first, last] = [history.at(0)?.loss ?? 0, history.at(-1)?.loss ?? Number.NaN];
      expect(last).toBeLessThan(first);
      losses.add(last);
    }
    expect(losses.size).toBe(values.length);
  });

  it.each(['cross-entropy', 'bpr', 'top1', 'bpr-max', 'top1-max'])(
    'computes the same with equal samples merged: %s',
    async (loss) => {
      const config = tinyConfig({ loss, nSample: 40, momentum: 0.2, dropoutPHidden: 0.3 });
      const data = tinyData();
      const itemCount = data.itemIds.length;
      const reference = createReferenceEngine();
      const merger = new DistinctSamples(itemCount, 31);
      const program = buildTrainProgram(config, itemCount);
      const merging = { merger, program: buildTrainProgram(config, itemCount, merger.items.length) };
      const apart = reference.load([program]);
      const merged = reference.load([program, merging.program]);
      const negatives = new PopularitySampler({ support: data.support, alpha: 0.5, seed: 1 });
      const steps = [
        new TrainingStep(apart, config, { dropoutSeed: 1, program }),
        new TrainingStep(merged, config, { dropoutSeed: 1, program, merged: merging }),
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
    const model = await train(data, config, { engine: { ...plain, sampling } });
    const steps = model.history[0]?.steps;
    expect(calls).toEqual({ draw: steps, merge: steps });
    model.dispose();
  });

  it('compares a target with all columns, and scores as they are, by default', async () => {
    const [plain, all, hard, warm] = await Promise.all(
      [{}, { hardNegatives: 0, temperature: 1 }, { hardNegatives: 5 }, { temperature: 0.5 }].map((values) =>
        train(tinyData(), tinyConfig(values), { engine }),
      ),
    );
    expect(all?.tensors).toEqual(plain?.tensors);
    for (const other of [hard, warm]) expect(other?.tensors).not.toEqual(plain?.tensors);
  });

  it('merges samples if that leaves noticeably fewer', () => {
    const few = new PopularitySampler({ support: new Int32Array(100).fill(1), alpha: 0.5, seed: 1 });
    expect(mergerFor(few, 500)?.items.length).toBeLessThan(120);
    const many = new PopularitySampler({ support: new Int32Array(1e6).fill(1), alpha: 0.5, seed: 1 });
    expect(mergerFor(many, 500)).toBeUndefined();
    expect(mergerFor(many, 500, undefined, true)?.items.length).toBe(500);
    expect(mergerFor(undefined, 0)).toBeUndefined();
  });

  it('trains sessions by time, as stored or shuffled', async () => {
    const data = tinyData();
    const sessionStartTimes = data.train.sessionStartTimes.slice().reverse();
    const losses = ['time', 'stored', 'shuffled'].map(async (sessionOrder) => {
      const reversed = { ...data, train: { ...data.train, sessionStartTimes } };
      return (await train(reversed, tinyConfig({ sessionOrder }), { engine })).history.at(-1)?.loss;
    });
    expect(new Set(await Promise.all(losses)).size).toBe(3);
  });

  it('gives the same bits for the same seed and others for another', async () => {
    const [first, again, other] = await Promise.all([
      train(tinyData(), tinyConfig({ seed: 5 }), { engine }),
      train(tinyData(), tinyConfig({ seed: 5 }), { engine }),
      train(tinyData(), tinyConfig({ seed: 6 }), { engine }),
    ]);
    expect(again.tensors).toEqual(first.tensors);
    expect(other.tensors).not.toEqual(first.tensors);
  });

  it('stops at a loss that is not finite, naming epoch, step and the last finite loss', async () => {
    const config = tinyConfig({ loss: 'bpr-max', finalAct: 'linear', learningRate: 1e30, bpreg: 100 });
    const run = train(tinyData(), config, { engine });
    await expect(run).rejects.toThrow(NonFiniteLossError);
    await expect(run).rejects.toThrow(
      /became (NaN|Infinity) in epoch 1, step \d+; the last finite one was \d/,
    );
  });

  it('refuses data without a session of two events', async () => {
    const train1 = {
      sessionOffsets: Int32Array.of(0, 1),
      items: Int32Array.of(0),
      sessionStartTimes: Float64Array.of(0),
    };
    const data = { itemIds: ['a'], support: Int32Array.of(1), train: train1 };
    await expect(train(data, tinyConfig(), { engine })).rejects.toThrow(
      'train: expected sessions of two or more events, got none',
    );
  });

  it('refuses a single session if the other slots are the only negatives', async () => {
    const one = {
      sessionOffsets: Int32Array.of(0, 3),
      items: Int32Array.of(0, 1, 0),
      sessionStartTimes: Float64Array.of(0),
    };
    const data = { itemIds: ['a', 'b'], support: Int32Array.of(2, 1), train: one };
    await expect(train(data, tinyConfig({ nSample: 0 }), { engine })).rejects.toThrow(
      'train: expected two or more sessions of two or more events, as nSample is 0, got fewer',
    );
  });

  it('refuses supports that do not match the items', async () => {
    const data = { ...tinyData(), support: Int32Array.of(1, 2) };
    await expect(train(data, tinyConfig(), { engine })).rejects.toThrow(
      'train: "support" expected 30 entries, one per item id, got 2',
    );
  });

  it('refuses a duplicate item id before it trains', async () => {
    const data = tinyData();
    const itemIds = [...data.itemIds.slice(0, -1), data.itemIds[0]];
    await expect(train({ ...data, itemIds }, tinyConfig(), { engine })).rejects.toThrow(
      `expected unique ids, got "${data.itemIds[0]}" twice, at index 29`,
    );
  });

  it('refuses parameters that the last step made infinite', async () => {
    const pair = {
      sessionOffsets: Int32Array.of(0, 2),
      items: Int32Array.of(0, 1),
      sessionStartTimes: Float64Array.of(0),
    };
    const data = { itemIds: ['a', 'b'], support: Int32Array.of(1, 1), train: pair };
    await expect(train(data, tinyConfig({ nEpochs: 1, learningRate: 1e39 }), { engine })).rejects.toThrow(
      /^train: "\w.*" holds (NaN|-?Infinity) in row \d+ at the end of epoch 1, and no loss has shown it/,
    );
  });

  it('trains a model that ranks its training sessions far better than chance', async () => {
    const data = tinyData();
    const model = await train(data, tinyConfig({ nEpochs: 60, learningRate: 0.2 }), { engine });
    const { results } = evaluate(model.scorer(), data.train, { cutoffs: [5] });
    expect(results[0]?.recall).toBeGreaterThan(3 * (5 / 30));
  });
});

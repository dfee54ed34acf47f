import { createWasmEngine } from '@gru4rec/engine-wasm';
import { evaluate } from '@gru4rec/metrics';
import { describe, expect, it } from 'vitest';
import { configDefaults, parseConfig } from '../../src/config.ts';
import { NonFiniteLossError } from '../../src/training/divergence.ts';
import type { EpochRecord } from '../../src/training/epoch-record.ts';
import { train } from '../../src/training/train.ts';
import { tinyConfig, tinyData } from '../tiny-data.ts';

const engine = createWasmEngine();

describe('train', () => {
  it.each([
    ['best without any hyper-parameter', {}, { preset: 'best' }],
    ['best with a key that is undefined', { seed: undefined }, { preset: 'best' }],
    ['the defaults with any key', { nEpochs: 1 }, { ...configDefaults, nEpochs: 1 }],
  ] as const)('has the configuration of %s', async (_name, given, expected) => {
    const { config } = await train(tinyData(), given, { engine });
    expect(config).toEqual(parseConfig(expected));
  });

  it('accepts partial hyper-parameters, with the same bits as the complete configuration', async () => {
    const written = {
      loss: 'cross-entropy',
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

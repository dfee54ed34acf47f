import { createWasmEngine } from '@gru4rec/engine-wasm';
import { evaluate } from '@gru4rec/metrics';
import { describe, expect, it } from 'vitest';
import { train } from '../../src/training/train.ts';
import { tinyConfig, tinyData } from '../tiny-data.ts';

const engine = createWasmEngine();
const data = tinyData();

/** A rate so high that validation soon gets worse. */
const restless = { learningRate: 0.5, nEpochs: 40 };

describe('train with patience', () => {
  it.each(['recall', 'mrr', 'ndcg'] as const)('keeps the epoch of the best %s', async (validationMetric) => {
    const config = tinyConfig({ ...restless, patience: 2, validationMetric });
    const model = await train(data, config, { engine, validation: tinyData(9).train });
    const values = model.history.map((r) => r.validation?.[validationMetric] ?? Number.NaN);
    const best = values.indexOf(Math.max(...values));
    expect(model.history.filter((r) => r.kept).map((r) => r.epoch)).toEqual([best + 1]);
    expect(model.history).toHaveLength(Math.min(best + 1 + 2, 40));
    const [result] = evaluate(model.scorer(), tinyData(9).train, { cutoffs: [20] }).results;
    expect(result?.[validationMetric]).toBeCloseTo(values[best] ?? 0, 6);
  });

  it('stops when `patience` epochs have passed since the best one', async () => {
    const config = tinyConfig({ ...restless, patience: 1 });
    const { history } = await train(data, config, { engine, validation: tinyData(9).train });
    expect(history.length).toBeLessThan(40);
    expect(history.at(-2)?.kept).toBe(true);
  });

  it('has the parameters of the same training up to the kept epoch', async () => {
    const validation = tinyData(9).train;
    const stopped = await train(data, tinyConfig({ ...restless, patience: 2 }), { engine, validation });
    const nEpochs = stopped.history.find((r) => r.kept)?.epoch;
    const plain = await train(data, tinyConfig({ ...restless, nEpochs }), { engine });
    expect(plain.tensors).toEqual(stopped.tensors);
  });

  it('trains every epoch with patience 0, without validation', async () => {
    const { history } = await train(data, tinyConfig(), { engine, validation: tinyData(9).train });
    expect(history.map((r) => r.validation)).toEqual([undefined, undefined]);
  });

  it('refuses patience without held-out sessions', async () => {
    await expect(train(data, tinyConfig({ patience: 1 }), { engine })).rejects.toThrow(
      'train: "validation" expected held-out sessions with patience > 0, got none. ' +
        'Prepare the dataset with a validation split (option "validationDays"), set holdOut to 0.02, or set patience to 0.',
    );
  });
});

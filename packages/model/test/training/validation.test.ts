import { evaluate, sampleSessions } from '@gru4rec/metrics';
import { describe, expect, it } from 'vitest';
import type { EpochRecord } from '../../src/training/epoch-record.ts';
import type { StepProgress } from '../../src/training/train-options.ts';
import { engines, timeless, tinyData, trainOn } from '../tiny-data.ts';

const data = tinyData();
const heldOut = tinyData(9).train;

/** A rate so high that validation soon gets worse. */
const restless = { learningRate: 0.5, nEpochs: 40 };

describe('train with patience', () => {
  it.each(['recall', 'mrr', 'ndcg'] as const)('keeps the epoch of the best %s', async (validationMetric) => {
    const config = { ...restless, patience: 2, validationMetric };
    const model = await trainOn(data, config, { validation: heldOut });
    const values = model.history.map((r) => r.validation?.[validationMetric] ?? Number.NaN);
    const best = values.indexOf(Math.max(...values));
    expect(model.history.filter((r) => r.kept).map((r) => r.epoch)).toEqual([best + 1]);
    expect(model.history).toHaveLength(Math.min(best + 1 + 2, 40));
    const [result] = evaluate(model.scorer(), heldOut, { cutoffs: [20] }).results;
    expect(result?.[validationMetric]).toBeCloseTo(values[best] ?? 0, 6);
  });

  it('has the parameters of the same training up to the kept epoch', async () => {
    const stopped = await trainOn(data, { ...restless, patience: 2 }, { validation: heldOut });
    const nEpochs = stopped.history.find((r) => r.kept)?.epoch;
    const plain = await trainOn(data, { ...restless, nEpochs });
    expect(plain.tensors).toEqual(stopped.tensors);
  });

  it('trains every epoch with patience 0, without validation', async () => {
    const { history } = await trainOn(data, {}, { validation: heldOut });
    expect(history.map((r) => r.validation)).toEqual([undefined, undefined]);
  });

  it('refuses patience without held-out sessions', async () => {
    await expect(trainOn(data, { patience: 1 })).rejects.toThrow(
      'train: "validation" expected held-out sessions with patience > 0, got none. ' +
        'Prepare the dataset with a validation split, set holdOut to 0.02, or set patience to 0.',
    );
  });
});

const sessions = sampleSessions(heldOut, { size: 7, seed: 1 });

describe('train with monitor', () => {
  it.each(engines)('gives each epoch its figures, and the model the same bits, on %s', async (_name, on) => {
    const config = { nEpochs: 2, layers: [6] };
    const plain = await trainOn(data, config, { engine: on });
    const records: EpochRecord[] = [];
    const model = await trainOn(data, config, {
      engine: on,
      monitor: sessions,
      onEpoch: (record) => records.push(record),
    });
    expect(model.tensors).toEqual(plain.tensors);
    expect(model.history).toEqual(records);
    expect(model.history.some(({ kept }) => kept)).toBe(false);
    const [result] = evaluate(model.scorer(), sessions, { cutoffs: [20] }).results;
    expect(records.at(-1)?.validation?.mrr).toBeCloseTo(Number(result?.mrr), 6);
    expect(records.filter(({ validation }) => validation)).toHaveLength(2);
  });

  it('leaves a run with patience as it is', async () => {
    const config = { nEpochs: 4, patience: 2 };
    const plain = await trainOn(data, config, { validation: heldOut });
    const model = await trainOn(data, config, { validation: heldOut, monitor: sessions });
    expect(model.tensors).toEqual(plain.tensors);
    expect(timeless(model.history)).toEqual(timeless(plain.history));
  });

  it('reports steps and learning rates with each epoch', async () => {
    const ends: StepProgress[] = [];
    const config = { nEpochs: 2, learningRate: 0.1, learningRateDecay: 'linear' };
    const { history } = await trainOn(data, config, { onEpoch: (_, progress) => ends.push(progress) });
    const steps = history.map((record) => record.steps);
    expect(ends.map(({ step }) => step)).toEqual([steps[0], Number(steps[0]) + Number(steps[1])]);
    expect(ends.map(({ events, eventsPerEpoch }) => events - eventsPerEpoch)).toEqual([0, 0]);
    expect(ends[0]?.learningRate).toBeGreaterThan(0.05);
    expect(ends[0]?.learningRate).toBeLessThan(0.06);
    expect(ends[1]?.learningRate).toBeLessThan(0.01);
    expect(ends.map(({ loss }) => loss)).toEqual(history.map(({ loss }) => loss));
  });
});

import { createWasmEngine } from '@gru4rec/engine-wasm';
import { evaluate, sampleSessions } from '@gru4rec/metrics';
import { createReferenceEngine } from '@gru4rec/program/interpreter';
import { describe, expect, it } from 'vitest';
import type { EpochRecord } from '../../src/training/epoch-record.ts';
import { train } from '../../src/training/train.ts';
import type { StepProgress } from '../../src/training/train-options.ts';
import { tinyConfig, tinyData } from '../tiny-data.ts';

const engine = createWasmEngine({ threads: 1 });
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
        'Prepare the dataset with a validation split, set holdOut to 0.02, or set patience to 0.',
    );
  });
});

const heldOut = tinyData(9).train;
const sessions = sampleSessions(heldOut, { size: 7, seed: 1 });

const validated = (history: readonly EpochRecord[]) =>
  history.filter(({ validation }) => validation).map(({ epoch }) => epoch);

describe('train with monitor', () => {
  it.each([
    ['wasm', engine],
    ['reference', createReferenceEngine()],
  ])('gives each epoch its figures, and the model the same bits, on %s', async (_name, on) => {
    const config = tinyConfig({ nEpochs: 2, layers: [6] });
    const plain = await train(data, config, { engine: on });
    const records: EpochRecord[] = [];
    const model = await train(data, config, {
      engine: on,
      monitor: sessions,
      onEpoch: (record) => records.push(record),
    });
    expect(model.tensors).toEqual(plain.tensors);
    expect(model.history).toEqual(records);
    expect(model.history.some(({ kept }) => kept)).toBe(false);
    const [result] = evaluate(model.scorer(), sessions, { cutoffs: [20] }).results;
    expect(records.at(-1)?.validation?.mrr).toBeCloseTo(Number(result?.mrr), 6);
    expect(validated(records)).toEqual([1, 2]);
  });

  it('leaves a run with patience as it is', async () => {
    const config = tinyConfig({ nEpochs: 4, patience: 2 });
    const plain = await train(data, config, { engine, validation: heldOut });
    const model = await train(data, config, { engine, validation: heldOut, monitor: sessions });
    expect(model.tensors).toEqual(plain.tensors);
    expect(model.history.map(({ validation }) => validation)).toEqual(
      plain.history.map(({ validation }) => validation),
    );
  });

  it('reports steps and learning rates with each epoch', async () => {
    const ends: StepProgress[] = [];
    const config = tinyConfig({ nEpochs: 2, learningRate: 0.1, learningRateDecay: 'linear' });
    const { history } = await train(data, config, { engine, onEpoch: (_, progress) => ends.push(progress) });
    const steps = history.map((record) => record.steps);
    expect(ends.map(({ step }) => step)).toEqual([steps[0], Number(steps[0]) + Number(steps[1])]);
    expect(ends.map(({ events, eventsPerEpoch }) => events - eventsPerEpoch)).toEqual([0, 0]);
    expect(ends[0]?.learningRate).toBeGreaterThan(0.05);
    expect(ends[0]?.learningRate).toBeLessThan(0.06);
    expect(ends[1]?.learningRate).toBeLessThan(0.01);
    expect(ends.map(({ loss }) => loss)).toEqual(history.map(({ loss }) => loss));
  });
});

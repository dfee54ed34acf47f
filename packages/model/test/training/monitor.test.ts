import { createReferenceEngine } from '@gru4rec/engine-reference';
import { createWasmEngine } from '@gru4rec/engine-wasm';
import { evaluate, sampleSessions } from '@gru4rec/metrics';
import { describe, expect, it } from 'vitest';
import type { EpochRecord } from '../../src/training/epoch-record.ts';
import { train } from '../../src/training/train.ts';
import type { StepProgress } from '../../src/training/train-options.ts';
import type { TrainingSnapshot } from '../../src/training/training-snapshot.ts';
import { tinyConfig, tinyData } from '../tiny-data.ts';

const engine = createWasmEngine({ threads: 1 });
const data = tinyData();
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
      monitor: { sessions },
      onEpoch: (record) => records.push(record),
    });
    expect(model.tensors).toEqual(plain.tensors);
    expect(model.history).toEqual(records);
    expect(model.history.some(({ kept }) => kept)).toBe(false);
    const [result] = evaluate(model.scorer(), sessions, { cutoffs: [20] }).results;
    expect(records.at(-1)?.validation?.mrr).toBeCloseTo(Number(result?.mrr), 6);
    expect(validated(records)).toEqual([1, 2]);
  });

  it.each([
    [2, 5, [2, 4, 5]],
    [1, 2, [1, 2]],
    [9, 3, [3]],
  ])('validates every %i of %i epochs, and the last', async (every, nEpochs, expected) => {
    const { history } = await train(data, tinyConfig({ nEpochs }), { engine, monitor: { sessions, every } });
    expect(validated(history)).toEqual(expected);
  });

  it('leaves a run with patience as it is', async () => {
    const config = tinyConfig({ nEpochs: 4, patience: 2 });
    const plain = await train(data, config, { engine, validation: heldOut });
    const model = await train(data, config, {
      engine,
      validation: heldOut,
      monitor: { sessions, every: 3 },
    });
    expect(model.tensors).toEqual(plain.tensors);
    expect(model.history.map(({ validation }) => validation)).toEqual(
      plain.history.map(({ validation }) => validation),
    );
  });

  it.each([
    ['the same sessions', { sessions }],
    ['other sessions', { sessions: heldOut }],
    ['none', undefined],
  ])('resumes with %s to the same bits', async (_name, monitor) => {
    const config = tinyConfig({ nEpochs: 3 });
    const snapshots: TrainingSnapshot[] = [];
    const save = async (snapshot: TrainingSnapshot) => void snapshots.push(snapshot);
    const whole = await train(data, config, {
      engine,
      monitor: { sessions },
      checkpoint: { every: { steps: 7 }, save },
    });
    for (const resume of [snapshots.at(0), snapshots.at(-1)]) {
      if (!resume) throw new RangeError('expected snapshots');
      const resumed = await train(data, config, { engine, resume, ...(monitor && { monitor }) });
      expect(resumed.tensors).toEqual(whole.tensors);
      if (monitor?.sessions === sessions) {
        expect(resumed.history.map((r) => r.validation)).toEqual(whole.history.map((r) => r.validation));
      }
    }
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

  it.each([0, 1.5, -1, Number.NaN])('refuses to validate every %d epochs', async (every) => {
    await expect(train(data, tinyConfig(), { engine, monitor: { sessions, every } })).rejects.toThrow(
      `train: monitor: "every" expected integer >= 1, got ${every}.`,
    );
  });
});

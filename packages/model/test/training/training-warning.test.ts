import { createWasmEngine } from '@gru4rec/engine-wasm';
import { describe, expect, it } from 'vitest';
import { DivergedError, trainingWarning } from '../../src/training/divergence.ts';
import type { EpochRecord } from '../../src/training/epoch-record.ts';
import { train } from '../../src/training/train.ts';
import { tinyConfig, tinyData } from '../tiny-data.ts';

const epochs = (...losses: number[]): EpochRecord[] =>
  losses.map((loss, i) => ({
    ...{ epoch: i + 1, loss, seconds: 1, steps: 1, events: 1, stepsPerSecond: 1, eventsPerSecond: 1 },
  }));

const engine = createWasmEngine({ threads: 1 });

async function warningsOf(values: Record<string, unknown>, keepDiverged = false): Promise<string[]> {
  const warnings: string[] = [];
  const onWarning = (message: string) => void warnings.push(message);
  await train(tinyData(), tinyConfig(values), { engine, onWarning, keepDiverged });
  return warnings;
}

describe('trainingWarning', () => {
  it('says that a loss above that of all-zero scores has learnt nothing', () => {
    expect(trainingWarning({ epochs: epochs(9, 2.2e9), zeroLoss: 7.6452 })).toEqual({
      message:
        'The loss ended at 2200000000, above 7.645, the loss of a model that scores every item 0: the model has learnt nothing. Lower learningRate or momentum',
      diverged: true,
    });
  });

  it('says that a loss just above that of all-zero scores has not diverged', () => {
    const learntNothing = expect.stringContaining('learnt nothing');
    expect(trainingWarning({ epochs: epochs(7.7), zeroLoss: 7 })).toEqual({
      message: learntNothing,
      diverged: false,
    });
    expect(trainingWarning({ epochs: epochs(7.8), zeroLoss: 7 })).toEqual({
      message: learntNothing,
      diverged: true,
    });
    expect(trainingWarning({ epochs: epochs(6, 7.1), zeroLoss: 7 })?.diverged).toBe(true);
  });

  it('says that a loss far above that of the first epoch diverges', () => {
    expect(trainingWarning({ epochs: epochs(5, 4, 5.6), zeroLoss: 7 })).toEqual({
      message:
        'The loss ended at 5.6, more than 1.1 times 5, the loss of its first epoch: training diverges. Lower learningRate or momentum',
      diverged: true,
    });
    expect(trainingWarning({ epochs: epochs(5, 6), zeroLoss: undefined })?.diverged).toBe(true);
  });

  it('does not warn of a loss that fell or rose a little', () => {
    expect(trainingWarning({ epochs: epochs(5, 4), zeroLoss: 7 })).toBeUndefined();
    expect(trainingWarning({ epochs: epochs(5, 5.4), zeroLoss: 7 })).toBeUndefined();
    expect(trainingWarning({ epochs: [], zeroLoss: 7 })).toBeUndefined();
  });

  it('does not compare a first epoch with a repeat bias, which is in no other loss', () => {
    const learnsRepeats = true;
    expect(trainingWarning({ epochs: epochs(1, 5, 4), zeroLoss: 7, learnsRepeats })).toBeUndefined();
    expect(trainingWarning({ epochs: epochs(6, 2, 2.1), zeroLoss: 7, learnsRepeats })).toBeUndefined();
    expect(trainingWarning({ epochs: epochs(6), zeroLoss: 7, learnsRepeats })).toBeUndefined();
    expect(trainingWarning({ epochs: epochs(4, 2, 3), zeroLoss: 7, learnsRepeats })?.message).toContain(
      'more than 1.1 times 2, the loss of its second epoch: training diverges',
    );
    const [first, second] = epochs(6, 5) as [EpochRecord, EpochRecord];
    const kept = [{ ...first, kept: true as const }, second];
    expect(trainingWarning({ epochs: kept, zeroLoss: 7, learnsRepeats })).toBeUndefined();
  });

  it('judges the epoch that is kept', () => {
    const [first, second] = epochs(5, 9) as [EpochRecord, EpochRecord];
    expect(trainingWarning({ epochs: [{ ...first, kept: true }, second], zeroLoss: 7 })).toBeUndefined();
  });
});

describe('train', () => {
  it.each([
    { learningRate: 1e9 },
    { learningRate: 1e9, loss: 'bpr', finalAct: 'linear' },
    { learningRate: 1e9, loss: 'bpr-max', finalAct: 'elu-1', bpreg: 1 },
    { learningRate: 1e9, logq: 1, smoothing: 0.1 },
    { learningRate: 1e9, nSample: 'all' },
  ])(
    'refuses a loss far above that of all-zero scores, or warns of it with keepDiverged: %j',
    async (values) => {
      const [warning = '', ...others] = await warningsOf(values, true);
      expect(warning).toMatch(/^The loss ended at .* scores every item 0/);
      expect(others).toEqual([]);
      const refused = warningsOf(values);
      await expect(refused).rejects.toThrow(`train: ${warning}.`);
      await expect(refused).rejects.toBeInstanceOf(DivergedError);
    },
  );

  it.each([{}, { loss: 'bpr', finalAct: 'linear' }, { loss: 'top1', finalAct: 'tanh' }, { nSample: 'all' }])(
    'has nothing to warn of where training goes well: %j',
    async (values) => {
      expect(await warningsOf({ nEpochs: 4, ...values })).toEqual([]);
    },
  );

  it('advises all items as negatives where more are drawn than there are', async () => {
    const advice =
      ': the model has learnt nothing. Lower learningRate or momentum, or set nSample to "all", and logq and hardNegatives to 0: it draws more samples than there are items, so that targets are their own negatives';
    const [warning] = await warningsOf({ learningRate: 1e9, nSample: 31 }, true);
    expect(warning).toContain(advice);
    const [other] = await warningsOf({ learningRate: 1e9, nSample: 30 }, true);
    expect(other).toContain(': the model has learnt nothing. Lower learningRate or momentum');
  });

  it('has nothing to warn of where the repeat bias explains most of the first epoch', async () => {
    const [count, length] = [600, 3];
    const sessions = Array.from({ length: count }, (_, session) => session);
    const data = {
      itemIds: sessions.map(String),
      support: new Int32Array(count).fill(length),
      train: {
        sessionOffsets: Int32Array.from({ length: count + 1 }, (_, session) => length * session),
        items: Int32Array.from(sessions.flatMap((item) => Array(length).fill(item))),
        sessionStartTimes: Float64Array.from(sessions),
      },
    };
    const config = tinyConfig({
      batchSize: 8,
      nSample: 64,
      constrainedEmbedding: false,
      repeatBias: 'constant',
    });
    const warnings: string[] = [];
    const onWarning = (message: string) => void warnings.push(message);
    const { history } = await train(data, config, { engine, onWarning });
    const [first = 0, second = 0] = history.map(({ loss }) => loss);
    expect(second).toBeGreaterThan(1.1 * first);
    expect(warnings).toEqual([]);
  });
});

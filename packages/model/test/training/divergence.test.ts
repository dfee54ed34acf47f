import { createBatch } from '@gru4rec/batcher';
import type { Runtime } from '@gru4rec/program';
import { describe, expect, it } from 'vitest';
import { buildTrainProgram } from '../../src/programs/build-train-program.ts';
import {
  checkFiniteVariables,
  DivergedError,
  NonFiniteParameterError,
  trainingWarning,
  ZeroLoss,
} from '../../src/training/divergence.ts';
import type { EpochRecord } from '../../src/training/epoch-record.ts';
import { batcherOf, loadTraining } from '../../src/training/load-training.ts';
import { startOfRun } from '../../src/training/training-snapshot.ts';
import { initializeVariables } from '../../src/training/variables.ts';
import { engine, reference, tinyConfig, tinyData, trainTiny } from '../tiny-data.ts';

const ITEMS = 30;
const UNITS = 12;

function initialized(): Runtime {
  const config = tinyConfig({ layers: [UNITS], momentum: 0.1 });
  const runtime = reference.load([buildTrainProgram(config, ITEMS)]);
  initializeVariables(runtime, new Int32Array(ITEMS).fill(1), config);
  return runtime;
}

/** Sets one value of a variable. */
function poison(runtime: Runtime, name: string, at: number, value: number): void {
  const values = Array.from(runtime.read(name));
  values[at] = value;
  runtime.write(name, values);
}

describe('checkFiniteVariables', () => {
  it('accepts initial values', () => {
    expect(() => checkFiniteVariables(initialized(), 1)).not.toThrow();
  });

  it.each([Number.NaN, Number.NEGATIVE_INFINITY])(
    'names variable, row and epoch of %s in one row of a table',
    (value) => {
      const runtime = initialized();
      poison(runtime, 'Wy', 7 * UNITS + 3, value);
      const check = () => checkFiniteVariables(runtime, 4);
      expect(check).toThrow(NonFiniteParameterError);
      expect(check).toThrow(
        `train: "Wy" holds ${value} in row 7 at the end of epoch 4, and no loss has shown it. Lower learningRate or momentum, or set gradCap.`,
      );
    },
  );

  it('checks every parameter, table and slot, but not states and constants', () => {
    for (const { name, kind } of initialized().variables) {
      const runtime = initialized();
      poison(runtime, name, 0, Number.NaN);
      const check = () => checkFiniteVariables(runtime, 1);
      if (kind === 'state' || kind === 'constant') expect(check).not.toThrow();
      else expect(check).toThrow(`"${name}" holds NaN in row 0`);
    }
  });

  it('treats a float64 beyond float32 as infinite, as in a saved model', () => {
    const runtime = initialized();
    poison(runtime, 'Wy', 0, 1e300);
    expect(() => checkFiniteVariables(runtime, 2)).toThrow('"Wy" holds 1e+300 in row 0');
  });
});

const epochs = (...losses: number[]): EpochRecord[] =>
  losses.map((loss, i) => ({
    ...{ epoch: i + 1, loss, seconds: 1, steps: 1, events: 1, stepsPerSecond: 1, eventsPerSecond: 1 },
  }));

async function warningsOf(values: object, options: { keepDiverged?: boolean } = {}): Promise<string[]> {
  const warnings: string[] = [];
  await trainTiny(values, { onWarning: (message) => void warnings.push(message), ...options });
  return warnings;
}

describe('trainingWarning', () => {
  const advice = 'Lower learningRate or momentum';
  const nothing = `above 7, the loss of a model that scores every item 0: the model has learnt nothing. ${advice}`;
  const diverges = (ratio: string) => `The loss ended at ${ratio} epoch: training diverges. ${advice}`;
  const kept = ([first, ...others]: EpochRecord[]) => [{ ...first, kept: true } as EpochRecord, ...others];

  it.each<[EpochRecord[], { zeroLoss?: number | undefined }, message?: string, diverged?: boolean]>([
    [epochs(9, 2.2e9), {}, `The loss ended at 2200000000, ${nothing}`, true],
    // Just above, in the only epoch.
    [epochs(7.7), {}, `The loss ended at 7.7, ${nothing}`, false],
    [epochs(7.8), {}, `The loss ended at 7.8, ${nothing}`, true],
    [epochs(6, 7.1), {}, `The loss ended at 7.1, ${nothing}`, true],
    [epochs(5, 4, 5.6), {}, diverges('5.6, more than 1.1 times 5, the loss of its first'), true],
    [
      epochs(5, 6),
      { zeroLoss: undefined },
      diverges('6, more than 1.1 times 5, the loss of its first'),
      true,
    ],
    [epochs(5, 4), {}],
    [epochs(5, 5.4), {}],
    [[], {}],
    [kept(epochs(5, 9)), {}],
  ])('judges the kept or last epoch of %j, %j', (given, options, message, diverged) => {
    const expected = message === undefined ? undefined : { message, diverged };
    expect(trainingWarning({ epochs: given, zeroLoss: 7, ...options })).toEqual(expected);
  });
});

describe('train', () => {
  it.each([
    { learningRate: 1e9 },
    { learningRate: 1e9, loss: 'bpr-max', finalAct: 'elu-1', bpreg: 1 },
    { learningRate: 1e9, nSample: 'all' },
  ])(
    'refuses a loss far above that of all-zero scores, or warns of it with keepDiverged: %j',
    async (values) => {
      const [warning = '', ...others] = await warningsOf(values, { keepDiverged: true });
      expect(warning).toMatch(/^The loss ended at .* scores every item 0/);
      expect(others).toEqual([]);
      const refused = warningsOf(values);
      await expect(refused).rejects.toThrow(`train: ${warning}.`);
      await expect(refused).rejects.toBeInstanceOf(DivergedError);
    },
  );

  it.each([{}, { loss: 'top1', finalAct: 'tanh' }, { nSample: 'all' }])(
    'has nothing to warn of where training goes well: %j',
    async (values) => {
      expect(await warningsOf({ nEpochs: 4, ...values })).toEqual([]);
    },
  );

  it('advises all items as negatives where more are drawn than there are', async () => {
    const advice =
      ': the model has learnt nothing. Lower learningRate or momentum, or set nSample to "all", and logq and hardNegatives to 0: it draws more samples than there are items, so that targets are their own negatives';
    const [warning] = await warningsOf({ learningRate: 1e9, nSample: 31 }, { keepDiverged: true });
    expect(warning).toContain(advice);
    const [other] = await warningsOf({ learningRate: 1e9, nSample: 30 }, { keepDiverged: true });
    expect(other).toContain(': the model has learnt nothing. Lower learningRate or momentum');
  });
});

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
function measure(values: object) {
  const config = tinyConfig(values);
  const data = tinyData();
  const options = { engine, declared: config };
  const { runtime, samples, runStep, zeroLoss } = loadTraining(data, config, options);
  initializeVariables(runtime, data.support, config);
  for (const { name, kind, rows, cols } of runtime.variables)
    if (kind !== 'constant') runtime.write(name, new Float32Array(rows * cols));
  const batcher = batcherOf(data, config);
  const zero = new ZeroLoss(runtime, zeroLoss, config, startOfRun(1).zeroLoss);
  let [sum, events, count] = [0, 0, 0];
  for (let batch = batcher.next(); batch; batch = batcher.next(), count++) {
    sum += runStep(batch, count, 0) * config.batchSize;
    events += batch.liveSlots;
    const values = () => (count > 0 ? [] : runtime.variables.map(({ name }) => runtime.read(name)));
    const before = values();
    zero.observe(batch, samples, batcher.eventsPerEpoch);
    expect(values()).toEqual(before);
  }
  runtime.dispose();
  return { zero: zero.mean ?? Number.NaN, trained: sum / events };
}

describe('ZeroLoss', () => {
  it.each([...losses, ...all, ...inBatch])(
    'is the loss of the training program with parameters of 0: %j',
    (values) => {
      const { zero, trained } = measure(values);
      expect(Math.abs(zero - trained)).toBeLessThan(1e-5 * Math.abs(trained));
    },
  );

  it('is the logarithm of the number of items for cross-entropy over all items', () => {
    const { zero } = measure({ nSample: 'all' });
    expect(zero).toBeCloseTo(Math.log(ITEMS), 5);
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
      startOfRun(1).zeroLoss,
    );
    for (; at < 1000; at++) zero.observe({ ...createBatch(1), liveSlots: 1, step: at }, undefined, 1000);
    expect(zero.mean).toBe(1);
    expect(seen).toHaveLength(32);
    expect(seen.slice(0, 3)).toEqual([0, 31, 62]);
    expect(seen.at(-1)).toBe(961);
  });
});

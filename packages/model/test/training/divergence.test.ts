import { SessionParallelBatcher } from '@gru4rec/batcher';
import { createWasmEngine } from '@gru4rec/engine-wasm';
import type { Engine, Runtime } from '@gru4rec/program';
import { createReferenceEngine } from '@gru4rec/program/interpreter';
import { PopularitySampler } from '@gru4rec/sampler';
import { describe, expect, it } from 'vitest';
import { buildTrainProgram, buildZeroLossProgram } from '../../src/programs/build-train-program.ts';
import { TrainingStep } from '../../src/programs/training-step.ts';
import {
  checkFiniteVariables,
  DivergedError,
  NonFiniteParameterError,
  noZeroLoss,
  trainingWarning,
  ZeroLoss,
} from '../../src/training/divergence.ts';
import type { EpochRecord } from '../../src/training/epoch-record.ts';
import { train } from '../../src/training/train.ts';
import type { TrainingData } from '../../src/training/training-data.ts';
import { initializeVariables } from '../../src/training/variables.ts';
import { tinyConfig, tinyData } from '../tiny-data.ts';

const ITEMS = 30;
const UNITS = 12;

function initialized(engine: Engine): Runtime {
  const config = tinyConfig({ layers: [UNITS], momentum: 0.1 });
  const runtime = engine.load([buildTrainProgram(config, ITEMS)]);
  initializeVariables(runtime, new Int32Array(ITEMS).fill(1), config);
  return runtime;
}

/** Sets one value of a variable. */
function poison(runtime: Runtime, name: string, at: number, value: number): void {
  const values = Array.from(runtime.read(name));
  values[at] = value;
  runtime.write(name, values);
}

describe.each([createReferenceEngine(), createWasmEngine({ threads: 1 })])(
  'checkFiniteVariables on engine $name',
  (engine) => {
    it('accepts initial values', () => {
      expect(() => checkFiniteVariables(initialized(engine), 1)).not.toThrow();
    });

    it.each([Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY])(
      'names variable, row and epoch of %s in one row of a table',
      (value) => {
        const runtime = initialized(engine);
        poison(runtime, 'Wy', 7 * UNITS + 3, value);
        const check = () => checkFiniteVariables(runtime, 4);
        expect(check).toThrow(NonFiniteParameterError);
        expect(check).toThrow(
          `train: "Wy" holds ${value} in row 7 at the end of epoch 4, and no loss has shown it. Lower learningRate or momentum, or set gradCap.`,
        );
      },
    );

    it('checks every parameter, table and slot, but not states and constants', () => {
      for (const { name, kind } of initialized(engine).variables) {
        const runtime = initialized(engine);
        poison(runtime, name, 0, Number.NaN);
        const check = () => checkFiniteVariables(runtime, 1);
        if (kind === 'state' || kind === 'constant') expect(check).not.toThrow();
        else expect(check).toThrow(`"${name}" holds NaN in row 0`);
      }
    });
  },
);

describe('checkFiniteVariables', () => {
  it('treats a float64 beyond float32 as infinite, as in a saved model', () => {
    const runtime = initialized(createReferenceEngine());
    poison(runtime, 'Wy', 0, 1e300);
    expect(() => checkFiniteVariables(runtime, 2)).toThrow('"Wy" holds 1e+300 in row 0');
  });
});

const epochs = (...losses: number[]): EpochRecord[] =>
  losses.map((loss, i) => ({
    ...{ epoch: i + 1, loss, seconds: 1, steps: 1, events: 1, stepsPerSecond: 1, eventsPerSecond: 1 },
  }));

const engine = createWasmEngine({ threads: 1 });

/** What a training warns of, and the losses of its epochs. */
async function watched(
  values: Record<string, unknown>,
  { data = tinyData(), ...options }: { data?: TrainingData; keepDiverged?: boolean } = {},
) {
  const warnings: string[] = [];
  const onWarning = (message: string) => void warnings.push(message);
  const { history } = await train(data, tinyConfig(values), { engine, onWarning, ...options });
  return { warnings, losses: history.map(({ loss }) => loss) };
}
const warningsOf = async (...given: Parameters<typeof watched>) => (await watched(...given)).warnings;

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
    { learningRate: 1e9, loss: 'bpr', finalAct: 'linear' },
    { learningRate: 1e9, loss: 'bpr-max', finalAct: 'elu-1', bpreg: 1 },
    { learningRate: 1e9, logq: 1, smoothing: 0.1 },
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

  it.each([{}, { loss: 'bpr', finalAct: 'linear' }, { loss: 'top1', finalAct: 'tanh' }, { nSample: 'all' }])(
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

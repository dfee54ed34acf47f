import { buildTrainProgram, type LossName, losses, type StepConfig } from '@gru4rec/model/programs';
import type { Engine, InputValue, Program, Runtime } from '@gru4rec/program';
import { createReferenceEngine } from '@gru4rec/program/interpreter';
import { RandomStream } from '@gru4rec/random';
import { expectClose } from '@gru4rec/test-support';

const ITEMS = 60;
const STEPS = 3;

const base: StepConfig = {
  ...{
    loss: 'cross-entropy',
    layers: [21],
    constrainedEmbedding: true,
    embedding: 0,
    cell: 'gru',
    gru: 'reset-after',
  },
  ...{ batchSize: 13, nSample: 17, sampleAlpha: 0.5, logq: 0, bpreg: 1, smoothing: 0, finalAct: 'linear' },
  ...{ hiddenAct: 'tanh', dropoutPEmbed: 0.2, dropoutPHidden: 0.2, optimizer: 'adagrad', momentum: 0.3 },
  ...{ decay: 0.9, beta1: 0.9, beta2: 0.99, lmbd: 0, gradCap: 0, temperature: 1, hardNegatives: 0 },
  ...{ parts: ['network'], repeatLength: 3 },
} as const;

/** Options of the losses that have some; the others run with those of `base`. */
const perLoss: Readonly<Partial<Record<LossName, readonly Partial<StepConfig>[]>>> = {
  'cross-entropy': [{}, { smoothing: 0.1 }, { logq: 1 }, { hardNegatives: 5 }, { nSample: 'all' }],
  'bpr-max': [{ finalAct: 'elu-0.5' }, { nSample: 'all' }, { nSample: 0, momentum: 0 }],
};

const shapes: readonly Partial<StepConfig>[] = [
  {},
  { layers: [8, 35], batchSize: 4 },
  { constrainedEmbedding: false, embedding: 16, layers: [128], batchSize: 33, momentum: 0 },
  { constrainedEmbedding: false, layers: [18] },
];

/** Training steps of each loss, in several shapes. */
export const trainingSteps: readonly { readonly title: string; readonly config: StepConfig }[] = (
  Object.keys(losses) as LossName[]
).flatMap((loss) =>
  (perLoss[loss] ?? [{}]).flatMap((options) =>
    shapes.map((shape) => ({
      title: `${loss} ${JSON.stringify({ ...options, ...shape })}`,
      config: { ...base, ...options, ...shape, loss },
    })),
  ),
);

/** Expects three steps to have the losses and parameters that the reference engine has. */
export function expectSteps(engine: Engine, config: StepConfig): void {
  const program = buildTrainProgram(config, ITEMS) as Program;
  const [actual, expected] = [engine, createReferenceEngine()].map((e) => started(e.load([program]))) as [
    Runtime,
    Runtime,
  ];
  const random = new RandomStream(7, 'training-steps');
  const tolerance = { absolute: 1e-3, relative: 1e-3 };
  for (let step = 0; step < STEPS; step++) {
    const inputs = inputsOf(program, random, step);
    const [got, wanted] = [actual, expected].map((runtime) =>
      Array.from(runtime.run('train', inputs).loss ?? []),
    );
    expectClose(got, wanted, { ...tolerance, name: `loss of step ${step}` });
  }
  for (const { name } of expected.variables) {
    expectClose(actual.read(name), expected.read(name), { ...tolerance, name });
  }
  actual.dispose();
}

function started(runtime: Runtime): Runtime {
  for (const { name, kind, rows, cols } of runtime.variables) {
    if (kind === 'slot' || kind === 'state') continue;
    const random = new RandomStream(1, `training-steps.${name}`);
    runtime.write(
      name,
      Float32Array.from({ length: rows * cols }, () => random.nextFloat() - 0.5),
    );
  }
  return runtime;
}

/** The second slot has run out. */
function inputsOf(program: Program, random: RandomStream, step: number): Record<string, InputValue> {
  const valuesOf = (name: string, length: number): InputValue => {
    switch (name) {
      case 'input':
      case 'target':
        return Int32Array.from({ length }, (_, i) => (i === 1 ? -1 : random.nextBelow(ITEMS)));
      case 'samples':
      case 'history':
        return Int32Array.from({ length }, () => random.nextBelow(ITEMS));
      case 'live':
        return Float32Array.from({ length }, (_, i) => (i === 1 ? 0 : 1));
      case 'resetMask':
        return Float32Array.from({ length }, () => random.nextBelow(2));
      case 'philox':
        return Int32Array.of(5, 0, step, 0);
      default:
        return Float32Array.of(0.05);
    }
  };
  return Object.fromEntries(
    Object.entries(program.inputs).map(([name, { rows, cols }]) => [name, valuesOf(name, rows * cols)]),
  );
}

import { createTensorFlowEngine, type TensorFlowRuntime } from '@gru4rec/engine-tensorflow';
import type { InputValue, Program, Runtime, RuntimeArray } from '@gru4rec/program';
import { ProgramBuilder } from '@gru4rec/program';
import type { Device, LoadedTensorFlow } from '@gru4rec/tensorflow-runtime';
import { type ComparisonRow, type Contestant, timed } from '../comparison.ts';
import { createChosenEngine } from '../engine-choice.ts';
import { repeating } from '../measure.ts';
import { StepTrainer } from '../step-trainer.ts';
import { describeRuntime } from '../tensorflow.ts';
import { describeConfig, drawSteps, type MeasuredConfig, stepConfigs } from '../workload.ts';
import { measureContest, measureEach, type PartOptions } from './contest.ts';

/** Options for measuring TensorFlow's steps. */
export interface TensorFlowOptions extends PartOptions {
  readonly loaded: LoadedTensorFlow;
  /** Default: both configurations with which steps are measured. */
  readonly configs?: readonly MeasuredConfig[];
  /** The device that is ours in each row, then the devices that it is compared with in addition to wasm. */
  readonly devices: readonly Device[];
  /** Numbers of steps per call to measure, in addition to 1. */
  readonly stepsPerCall: readonly number[];
}

/** The goal for the time of a call, without that of its graph. */
const MOST_CALL_MICROSECONDS = 100;
const WARM_UP_STEPS = 32;
const names = { cpu: 'TensorFlow on the CPU', gpu: 'TensorFlow on the GPU' } as const;

/**
 * Measures steps of each configuration, with TensorFlow's devices and wasm taking turns. Then measures an empty call.
 */
export function measureTensorFlow(options: TensorFlowOptions): Promise<ComparisonRow[]> {
  const { configs = Object.values(stepConfigs) } = options;
  const rows = [
    ...configs.map((config) => ({
      contest: { name: describeConfig(config), unit: 'steps/s', better: 'more' } as const,
      enter: (hold: Hold) => enterSteps(config, options, hold),
    })),
    { contest: emptyCall, enter: (hold: Hold) => enterCalls(options, hold) },
  ];
  const named = rows.map((row) => ({ ...row, name: row.contest.name }));
  return measureEach(named, options.only, ({ contest, enter }) =>
    holding(async (hold) => {
      const row = { suite: 'tensorflow', ...contest, engine: describeRuntime(options.loaded) };
      return measureContest(row, enter(hold), options);
    }),
  );
}

const emptyCall = {
  name: 'a call of a graph that does nothing, with the inputs of a step',
  unit: 'µs',
  better: 'less',
  goal: { bound: MOST_CALL_MICROSECONDS, text: `≤ ${MOST_CALL_MICROSECONDS} µs` },
  goalOf: 'figure',
} as const;

type Load = (programs: readonly Program[]) => Runtime;
type Hold = (load: Load) => Load;

/** Runs work that loads programs through `hold`, and disposes of everything that was loaded, even after a failure. */
async function holding<T>(work: (hold: Hold) => Promise<T>): Promise<T> {
  const held: Runtime[] = [];
  const hold = (load: Load) => (programs: readonly Program[]) => {
    const runtime = load(programs);
    held.push(runtime);
    return runtime;
  };
  try {
    return await work(hold);
  } finally {
    for (const runtime of held) runtime.dispose();
  }
}

function enterSteps(
  config: MeasuredConfig,
  { loaded, devices, stepsPerCall, seconds, engine }: TensorFlowOptions,
  hold: Hold,
): Contestant[] {
  const { tensorflow } = loaded;
  const inputs = drawSteps(config);
  const single = devices.map((device) => {
    const load = hold(createTensorFlowEngine({ tensorflow, device }).load);
    return entry(names[device], new StepTrainer(config, inputs, { load }), seconds);
  });
  const several = devices.flatMap((device) =>
    stepsPerCall.map((steps) => {
      const made = createTensorFlowEngine({ tensorflow, device, stepsPerCall: steps });
      const load = hold((programs) => collecting(made.load(programs), steps));
      const trainer = new StepTrainer(config, inputs, { load, merge: false });
      return entry(`${names[device]}, ${steps} steps per call`, trainer, seconds);
    }),
  );
  const load = hold(createChosenEngine(engine).load);
  return [...single, ...several, entry('wasm', new StepTrainer(config, inputs, { load }), seconds)];
}

/** A contestant that has already made its first steps, which are not counted. */
function entry(name: string, trainer: StepTrainer, seconds: number): Contestant {
  trainer.train(WARM_UP_STEPS);
  const correctness = { [`lossAfter${WARM_UP_STEPS}Steps`]: trainer.loss };
  return timed(name, trainer.train, { perWindow: WARM_UP_STEPS, seconds, correctness });
}

function enterCalls({ loaded, devices, seconds }: TensorFlowOptions, hold: Hold): Contestant[] {
  return devices.map((device) => {
    const { load } = createTensorFlowEngine({ tensorflow: loaded.tensorflow, device });
    return call(names[device], hold(load), seconds);
  });
}

/** A contestant that calls a graph that does nothing. The first calls are not counted. */
function call(name: string, load: Load, seconds: number): Contestant {
  const words = stepConfigs['cross-entropy'].nSample;
  const runtime = load([nothing(words)]);
  const inputs = { words: new Int32Array(words), rate: 1 };
  const work = repeating(() => runtime.run('nothing', inputs));
  work(WARM_UP_STEPS);
  const of = (rate: number) => 1e6 / rate;
  return timed(name, work, { perWindow: WARM_UP_STEPS, seconds, correctness: {}, of });
}

/** A program that takes as many words as a step and returns one of them. */
function nothing(words: number): Program {
  const b = new ProgramBuilder('nothing');
  b.input('words', { dtype: 'i32', rows: words, cols: 1 });
  b.output('rate', b.input('rate', { dtype: 'f32', rows: 1, cols: 1 }));
  return b.build();
}

/** Collects steps until there are enough for one call. They return the loss of the previous call, NaN before the first. */
function collecting(runtime: TensorFlowRuntime, steps: number): Runtime {
  const waiting: Readonly<Record<string, InputValue>>[] = [];
  let last: Readonly<Record<string, RuntimeArray>> = { loss: Float32Array.of(Number.NaN) };
  return {
    variables: runtime.variables,
    run(program, inputs) {
      // Copied, because a caller may write into its arrays between two steps.
      const kept = Object.entries(inputs).map(([name, value]) => [
        name,
        typeof value === 'number' ? value : value.slice(),
      ]);
      waiting.push(Object.fromEntries(kept));
      if (waiting.length === steps) last = runtime.runSteps(program, waiting.splice(0)).at(-1) ?? last;
      return last;
    },
    read: (variable) => runtime.read(variable),
    detach: (variable) => runtime.detach(variable),
    write: (variable, values, fromRow) => runtime.write(variable, values, fromRow),
    dispose: () => runtime.dispose(),
  };
}

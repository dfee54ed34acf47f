import { createTensorFlowEngine, type TensorFlowRuntime } from '@gru4rec/engine-tensorflow';
import type { InputValue, Program, Runtime, RuntimeArray } from '@gru4rec/program';
import { ProgramBuilder } from '@gru4rec/program';
import type { Device, LoadedTensorFlow } from '@gru4rec/tensorflow-runtime';
import { calibrated } from '../calibration.ts';
import { type ComparisonRow, type Contest, type Contestant, contested, takeTurns } from '../comparison.ts';
import { createChosenEngine, type EngineChoice } from '../engine-choice.ts';
import { peakMiB } from '../environment.ts';
import { ratesOf, summarize, type Work } from '../measure.ts';
import { StepTrainer } from '../step-trainer.ts';
import { describeRuntime } from '../tensorflow.ts';
import { describeConfig, drawSteps, type MeasuredConfig, stepConfigs } from '../workload.ts';

/** Options for measuring TensorFlow's steps. */
export interface TensorFlowOptions {
  readonly loaded: LoadedTensorFlow;
  /** Default: both configurations with which steps are measured. */
  readonly configs?: readonly MeasuredConfig[];
  /** The device that is ours in each row, then the devices that it is compared with in addition to wasm. */
  readonly devices: readonly Device[];
  /** Numbers of steps per call to measure, in addition to 1. */
  readonly stepsPerCall: readonly number[];
  readonly seconds: number;
  readonly rounds: number;
  /** The wasm engine to compare with. */
  readonly engine: EngineChoice;
  readonly only: RegExp;
  readonly onTurn?: (line: string) => void;
}

/** The goal for the time of a call, without that of its graph. */
const MOST_CALL_MICROSECONDS = 100;
const WARM_UP_STEPS = 32;
const names = { cpu: 'TensorFlow on the CPU', gpu: 'TensorFlow on the GPU' } as const;

/**
 * Measures steps of each configuration, with TensorFlow's devices and wasm taking turns. Then measures an empty call.
 */
export async function measureTensorFlow(options: TensorFlowOptions): Promise<ComparisonRow[]> {
  const { configs = Object.values(stepConfigs) } = options;
  const rows: ComparisonRow[] = [];
  for (const config of configs) {
    const name = describeConfig(config);
    if (options.only.test(name)) rows.push(await measureSteps(name, config, options));
  }
  const name = 'a call of a graph that does nothing, with the inputs of a step';
  if (options.only.test(name)) rows.push(await measureCall(name, options));
  return rows;
}

async function measureSteps(
  name: string,
  config: MeasuredConfig,
  options: TensorFlowOptions,
): Promise<ComparisonRow> {
  const contest = { suite: 'tensorflow', name, unit: 'steps/s', better: 'more' } as const;
  return holding((hold) => measureRow(contest, enter(config, options, hold), options));
}

type Load = (programs: readonly Program[]) => Runtime;

/** Runs work that loads programs through `hold`, and disposes of everything that was loaded, even after a failure. */
async function holding<T>(work: (hold: (load: Load) => Load) => Promise<T>): Promise<T> {
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

function enter(
  config: MeasuredConfig,
  { loaded, devices, stepsPerCall, seconds, engine }: TensorFlowOptions,
  hold: (load: Load) => Load,
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
      const load = hold((programs) => new CollectingRuntime(made.load(programs), steps));
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
  const { loss } = trainer;
  const take = async () => ({
    value: summarize(ratesOf(trainer.train, WARM_UP_STEPS, seconds)).median,
    correctness: { [`lossAfter${WARM_UP_STEPS}Steps`]: loss },
  });
  return { name, take };
}

async function measureCall(name: string, options: TensorFlowOptions): Promise<ComparisonRow> {
  const { loaded, devices, seconds } = options;
  const goal = { bound: MOST_CALL_MICROSECONDS, text: `≤ ${MOST_CALL_MICROSECONDS} µs` };
  const contest = { suite: 'tensorflow', name, unit: 'µs', better: 'less', goal, goalOf: 'figure' } as const;
  return holding((hold) => {
    const contestants = devices.map((device) => {
      const { load } = createTensorFlowEngine({ tensorflow: loaded.tensorflow, device });
      return call(names[device], hold(load), seconds);
    });
    return measureRow(contest, contestants, options);
  });
}

/** A contestant that calls a graph that does nothing. The first calls are not counted. */
function call(name: string, load: Load, seconds: number): Contestant {
  const words = stepConfigs['cross-entropy'].nSample;
  const runtime = load([nothing(words)]);
  const inputs = { words: new Int32Array(words), rate: 1 };
  const work: Work = (times) => {
    for (let i = 0; i < times; i++) runtime.run('nothing', inputs);
  };
  work(WARM_UP_STEPS);
  const take = async () => ({
    value: 1e6 / summarize(ratesOf(work, WARM_UP_STEPS, seconds)).median,
    correctness: {},
  });
  return { name, take };
}

/** A program that takes as many words as a step and returns one of them. */
function nothing(words: number): Program {
  const b = new ProgramBuilder('nothing');
  b.input('words', { dtype: 'i32', rows: words, cols: 1 });
  b.output('rate', b.input('rate', { dtype: 'f32', rows: 1, cols: 1 }));
  return b.build();
}

async function measureRow(
  contest: Contest,
  contestants: readonly Contestant[],
  { rounds, loaded, onTurn }: TensorFlowOptions,
): Promise<ComparisonRow> {
  return calibrated(async () => {
    const { all, failed } = await takeTurns(contestants, rounds, (name, { value }) =>
      onTurn?.(`${contest.suite} ${contest.name}: ${name}: ${value.toPrecision(4)} ${contest.unit}`),
    );
    return {
      ...contested(contest, all),
      engine: describeRuntime(loaded),
      missing: failed,
      peakMiB: peakMiB(),
    };
  });
}

/** Collects steps until there are enough for one call. They return the loss of the previous call, NaN before the first. */
class CollectingRuntime implements Runtime {
  readonly #runtime: TensorFlowRuntime;
  readonly #steps: number;
  readonly #waiting: Readonly<Record<string, InputValue>>[] = [];
  #last: Readonly<Record<string, RuntimeArray>> = { loss: Float32Array.of(Number.NaN) };

  constructor(runtime: TensorFlowRuntime, steps: number) {
    this.#runtime = runtime;
    this.#steps = steps;
  }

  get variables() {
    return this.#runtime.variables;
  }

  run(program: string, inputs: Readonly<Record<string, InputValue>>): Readonly<Record<string, RuntimeArray>> {
    // Copied, because a caller may write into its arrays between two steps.
    const kept = Object.entries(inputs).map(([name, value]) => [
      name,
      typeof value === 'number' ? value : value.slice(),
    ]);
    this.#waiting.push(Object.fromEntries(kept));
    if (this.#waiting.length === this.#steps) {
      this.#last = this.#runtime.runSteps(program, this.#waiting).at(-1) ?? this.#last;
      this.#waiting.length = 0;
    }
    return this.#last;
  }

  read(variable: string): RuntimeArray {
    return this.#runtime.read(variable);
  }

  detach(variable: string): RuntimeArray {
    return this.#runtime.detach(variable);
  }

  write(variable: string, values: ArrayLike<number>, fromRow?: number): void {
    this.#runtime.write(variable, values, fromRow);
  }

  dispose(): void {
    this.#runtime.dispose();
  }
}

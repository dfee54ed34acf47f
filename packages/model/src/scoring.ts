import { SessionHistory } from '@gru4rec/batcher';
import type { RankingSession, ScoringSession, TargetRanks } from '@gru4rec/metrics';
import { type Engine, type FloatArray, type Program, type Runtime, runProgram } from '@gru4rec/program';
import {
  buildRankProgram,
  buildScoreProgram,
  type RankInputs,
  type RankOutputs,
  type ScoreInputs,
  type ScoreOutputs,
} from './programs/build-inference-programs.ts';
import type { ClickShape } from './programs/click-features.ts';
import { stateVariables } from './programs/forward.ts';
import { historyLength } from './programs/repeats.ts';
import type { StepConfig } from './programs/step-config.ts';
import type { StoredTensor } from './storage/stored-tensor.ts';

/** Loads programs, and writes the tensors that they have. */
export function loadPrograms(
  engine: Engine,
  programs: readonly Program[],
  tensors: readonly StoredTensor[],
): Runtime {
  const runtime = engine.load(programs);
  const needed = new Set(runtime.variables.map(({ name }) => name));
  for (const tensor of tensors) {
    if (!needed.has(tensor.name)) continue;
    if (!tensor.pieces) runtime.write(tensor.name, tensor.values);
    for (const { row, values } of tensor.pieces ?? []) runtime.write(tensor.name, values, row);
  }
  return runtime;
}

/** What a scoring session is opened on. */
export interface ScoringOptions {
  readonly config: StepConfig;
  readonly itemCount: number;
  readonly slots: number;
  /** The features of clicks, if the model has them: the first values of each event's context. */
  readonly clicks?: ClickShape | undefined;
  /** Gives a runtime with this program and the model's parameters; the session disposes of it. */
  readonly load: (program: Program) => Runtime;
}

/** Parallel sessions. Loads the program `score` or `rank` when a method first needs it, and holds only one of the two. */
export function openScoring(options: ScoringOptions): ScoringSession {
  return new Scoring(options);
}

/** A session that is given contexts of other columns. @param translate - as of `ClickEncoder`; none if not given. */
export function withContext(
  session: ScoringSession,
  translate: ((context: Int32Array) => Int32Array) | undefined,
): ScoringSession {
  if (!translate) return session;
  return {
    step: (input, resetMask, context) => session.step(input, resetMask, context && translate(context)),
    ...(session.rank && {
      rank: (input, resetMask, target, k, context) =>
        session.rank?.(input, resetMask, target, k, context && translate(context)) as TargetRanks,
    }),
    close: () => session.close(),
  };
}

/** A program and the runtime that holds it. */
interface Loaded<Inputs, Outputs> {
  readonly program: Program<Inputs, Outputs>;
  readonly runtime: Runtime;
}

class Scoring implements ScoringSession {
  readonly #options: ScoringOptions;
  #scoring: Loaded<ScoreInputs, ScoreOutputs> | undefined;
  readonly #followHistory: ReturnType<typeof historyFollower>;
  #ranking: (Loaded<RankInputs, RankOutputs> & { readonly k: number }) | undefined;

  constructor(options: ScoringOptions) {
    this.#options = options;
    this.#followHistory = historyFollower(options.config, options.slots);
  }

  step(input: Int32Array, resetMask: Float32Array, context?: Int32Array): FloatArray {
    this.#expectSlots('step', input);
    const { config, itemCount, slots, clicks } = this.#options;
    if (!this.#scoring) {
      this.#scoring = this.#replace(buildScoreProgram({ config, itemCount, slots, clicks, name: 'score' }));
      this.#ranking = undefined;
    }
    const { runtime, program } = this.#scoring;
    const history = this.#followHistory(input, resetMask);
    const features = clickInputs(clicks, slots, context);
    return runProgram(runtime, program, { input, resetMask, ...history, ...features }).scores;
  }

  rank(...[input, resetMask, target, k, context]: Parameters<RankingSession['rank']>): TargetRanks {
    this.#expectSlots('rank', input);
    const { config, itemCount, slots, clicks } = this.#options;
    if (this.#ranking?.k !== k) {
      const program = buildRankProgram({ config, itemCount, slots, clicks, k, name: 'rank' });
      this.#ranking = { ...this.#replace(program), k };
      this.#scoring = undefined;
    }
    const { runtime, program } = this.#ranking;
    const history = this.#followHistory(input, resetMask);
    const features = clickInputs(clicks, slots, context);
    return targetRanks(runProgram(runtime, program, { input, resetMask, target, ...history, ...features }));
  }

  close(): void {
    this.#loaded?.runtime.dispose();
    this.#scoring = undefined;
    this.#ranking = undefined;
  }

  get #loaded(): Loaded<ScoreInputs, ScoreOutputs | RankOutputs> | undefined {
    return this.#scoring ?? this.#ranking;
  }

  #expectSlots(caller: string, input: Int32Array): void {
    const { slots } = this.#options;
    if (input.length === slots) return;
    throw new RangeError(`${caller}: "input" expected ${slots} items, one per slot, got ${input.length}`);
  }

  /** Loads a program, copies the states of the previous runtime to it, and disposes of the previous runtime. */
  #replace<Inputs extends object, Outputs extends object>(
    program: Program<Inputs, Outputs>,
  ): Loaded<Inputs, Outputs> {
    const before = this.#loaded;
    const runtime = this.#options.load(program);
    if (before) {
      for (const { name } of stateVariables(this.#options.config, '')) {
        runtime.write(`${program.name}.${name}`, before.runtime.read(`${before.program.name}.${name}`));
      }
      before.runtime.dispose();
    }
    return { program, runtime };
  }
}

/**
 * The features of the clicks of a step, as an input of the programs that read them.
 *
 * @param context - [slots × W], of which the first K values per slot are features.
 * @throws RangeError if there is none.
 */
export function clickInputs(
  clicks: ClickShape | undefined,
  slots: number,
  context: Int32Array | undefined,
): Pick<ScoreInputs, 'clickFeatures'> {
  if (!clicks) return {};
  const { perClick } = clicks;
  const width = (context?.length ?? 0) / slots;
  if (!context || width < perClick) {
    throw new RangeError(
      `step: "context" expected ${perClick} features per click, as the model has clickFeatures, got ${width}. Give sessions with their context.`,
    );
  }
  if (width === perClick) return { clickFeatures: context };
  const clickFeatures = new Int32Array(slots * perClick);
  for (let slot = 0; slot < slots; slot++) {
    clickFeatures.set(context.subarray(slot * width, slot * width + perClick), slot * perClick);
  }
  return { clickFeatures };
}

const NO_LISTS = new Int32Array(0);

/** The outputs of a program that ranks, for `evaluate`. */
export function targetRanks({ counts, top = NO_LISTS }: RankOutputs): TargetRanks {
  const slots = counts.length / 2;
  return { better: counts.subarray(0, slots), equal: counts.subarray(slots), top };
}

/**
 * Follows the histories of parallel sessions for programs that read them.
 * @returns takes a step's inputs, and gives the input `history` after it, if the configuration has a repeat bias.
 */
export function historyFollower(
  config: StepConfig,
  slots: number,
): (input: Int32Array, resetMask: Float32Array) => Pick<ScoreInputs, 'history'> {
  const length = historyLength(config);
  if (length === 0) return () => ({});
  const history = new SessionHistory(slots, length);
  return (input, resetMask) => {
    history.follow(input, resetMask);
    return { history: history.items };
  };
}

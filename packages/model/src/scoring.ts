import { SessionHistory } from '@gru4rec/batcher';
import type { RankingSession, ScoringSession, TargetRanks } from '@gru4rec/metrics';
import { type Engine, type FloatArray, type Program, type Runtime, runProgram } from '@gru4rec/program';
import type { StepConfig } from './model-config.ts';
import type { SessionNeighbours } from './neighbours.ts';
import {
  buildRankProgram,
  buildScoreProgram,
  type HistoryInputs,
  type InferenceOptions,
  type RankInputs,
  type RankOutputs,
  type ScoreInputs,
  type ScoreOutputs,
} from './programs/build-inference-programs.ts';
import type { ClickShape } from './programs/click-features.ts';
import { historyLength, stateVariables } from './programs/forward.ts';
import type { StoredTensor } from './storage/tensors.ts';

export function loadPrograms(
  engine: Engine,
  programs: readonly Program[],
  tensors: readonly StoredTensor[],
): Runtime {
  const runtime = engine.load(programs);
  writeTensors(runtime, tensors);
  return runtime;
}

/** Tables may have fewer rows than their variables; the other rows stay. */
export function writeTensors(runtime: Runtime, tensors: readonly StoredTensor[]): void {
  const needed = new Map(runtime.variables.map(({ name, rows }) => [name, rows]));
  for (const { name, kind, rows, values, pieces } of tensors) {
    const all = needed.get(name);
    if (all === undefined) continue;
    if (!pieces) runtime.write(name, values, kind === 'table' && rows < all ? 0 : undefined);
    for (const piece of pieces ?? []) runtime.write(name, piece.values, piece.row);
  }
}

export interface ScoringOptions {
  readonly config: StepConfig;
  readonly itemCount: number;
  readonly slots: number;
  /** The features of clicks, if the model has them: the first values of each event's context. */
  readonly clicks?: ClickShape | undefined;
  readonly neighbours?: SessionNeighbours | undefined;
  /** Gives these features for contexts of other columns. */
  readonly translate?: ((context: Int32Array) => Int32Array) | undefined;
  /** Gives a runtime with this program and the model's parameters; the session disposes of it. */
  readonly load: (program: Program) => Runtime;
}

/** Parallel sessions. Loads the program `score` or `rank` when a method first needs it, and holds only one of the two. */
export function openScoring(options: ScoringOptions): ScoringSession {
  return new Scoring(options);
}

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
    this.#followHistory = historyFollower(options.config, options.slots, options.neighbours);
  }

  step(input: Int32Array, resetMask: Float32Array, context?: Int32Array): FloatArray {
    this.#expectSlots('step', input);
    if (!this.#scoring) {
      this.#scoring = this.#replace(buildScoreProgram({ ...this.#shape, name: 'score' }));
      this.#ranking = undefined;
    }
    const { runtime, program } = this.#scoring;
    return runProgram(runtime, program, this.#inputs(input, resetMask, context)).scores;
  }

  rank(...[input, resetMask, target, k, context]: Parameters<RankingSession['rank']>): TargetRanks {
    this.#expectSlots('rank', input);
    if (this.#ranking?.k !== k) {
      const program = buildRankProgram({ ...this.#shape, k, name: 'rank' });
      this.#ranking = { ...this.#replace(program), k };
      this.#scoring = undefined;
    }
    const { runtime, program } = this.#ranking;
    const inputs = { ...this.#inputs(input, resetMask, context), target };
    return targetRanks(runProgram(runtime, program, inputs));
  }

  #inputs(input: Int32Array, resetMask: Float32Array, context: Int32Array | undefined): ScoreInputs {
    const { clicks, slots, translate } = this.#options;
    const history = this.#followHistory(input, resetMask);
    const features = clickInputs(clicks, slots, context && translate ? translate(context) : context);
    return { input, resetMask, ...history, ...features };
  }

  close(): void {
    this.#loaded?.runtime.dispose();
    this.#scoring = undefined;
    this.#ranking = undefined;
  }

  get #shape(): Omit<InferenceOptions, 'name'> {
    const { config, itemCount, slots, clicks, neighbours } = this.#options;
    return { config, itemCount, slots, clicks, neighbours: neighbours?.length };
  }

  get #loaded(): Loaded<ScoreInputs, ScoreOutputs | RankOutputs> | undefined {
    return this.#scoring ?? this.#ranking;
  }

  #expectSlots(caller: string, input: Int32Array): void {
    const { slots } = this.#options;
    if (input.length === slots) return;
    throw new RangeError(`${caller}: "input" expected ${slots} items, one per slot, got ${input.length}`);
  }

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

/** The input of programs that read features of clicks: the first K values per slot of `context` [slots × W]. */
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

export function targetRanks({ counts, top = NO_LISTS }: RankOutputs): TargetRanks {
  const slots = counts.length / 2;
  return { better: counts.subarray(0, slots), equal: counts.subarray(slots), top };
}

/** Follows the histories of parallel sessions; gives the inputs of a repeat bias after a step's. */
export function historyFollower(
  config: StepConfig,
  slots: number,
  neighbours?: SessionNeighbours,
): (input: Int32Array, resetMask: Float32Array) => HistoryInputs {
  const length = historyLength(config);
  if (length === 0) return () => ({});
  const history = new SessionHistory(slots, length);
  return (input, resetMask) => {
    history.follow(input, resetMask);
    return historyInputs(history, neighbours);
  };
}

/** The inputs of programs that read a history. `history` is a view, the others are fresh. */
export function historyInputs(
  { items, counts, length }: SessionHistory,
  neighbours?: SessionNeighbours,
): HistoryInputs {
  const slots = items.length / length;
  const historyClicks = new Float32Array(slots * (length + 1));
  const most = neighbours?.length ?? 0;
  const ofNeighbours = {
    neighbours: new Int32Array(slots * most).fill(-1),
    neighbourValues: new Float32Array(slots * most),
  };
  for (let slot = 0; slot < slots; slot++) {
    const at = slot * (length + 1);
    let [sum, places] = [0, 0];
    for (let k = 0; k < length; k++) {
      const count = Number(counts[slot * length + k]);
      if (count === 0) break;
      const log = Math.log(count);
      historyClicks[at + k] = log;
      sum += log;
      places++;
    }
    historyClicks[at + length] = sum / Math.max(1, places);
    const near = neighbours?.of(items.subarray(slot * length, (slot + 1) * length)) ?? NO_LISTS;
    ofNeighbours.neighbours.set(near, slot * most);
    for (const [k, item] of near.entries())
      ofNeighbours.neighbourValues[slot * most + k] = neighbours?.values[item] as number;
  }
  return { history: items, historyClicks, ...(neighbours && ofNeighbours) };
}

import { SessionHistory } from '@gru4rec/batcher';
import type { RankingSession, ScoringSession, TargetRanks } from '@gru4rec/metrics';
import { type Engine, type FloatArray, type Program, type Runtime, runProgram } from '@gru4rec/program';
import type { StepConfig } from './model-config.ts';
import { historyLength } from './parts/registry.ts';
import type { SessionParts } from './parts/session-parts.ts';
import {
  buildRankProgram,
  buildScoreProgram,
  type ChangeInputs,
  type InferenceOptions,
  type RankInputs,
  type RankOutputs,
  type ScoreInputs,
  type ScoreOutputs,
} from './programs/build-inference-programs.ts';
import type { ClickShape } from './programs/click-features.ts';
import { stateVariables } from './programs/forward.ts';
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
  /** The features of clicks: the first values of each event's context. */
  readonly clicks?: ClickShape | undefined;
  readonly parts?: SessionParts | undefined;
  readonly fresh?: boolean | undefined;
  /** Whether scores do not pass through `finalAct`; only of `step`. */
  readonly linear?: boolean | undefined;
  /** Gives these features for contexts of other columns. */
  readonly translate?: ((context: Int32Array) => Int32Array) | undefined;
  /** Gives a runtime with this program and the model's parameters; the session disposes of it. */
  readonly load: (program: Program) => Runtime;
}

interface Loaded<Inputs, Outputs> {
  readonly program: Program<Inputs, Outputs>;
  readonly runtime: Runtime;
}

/** Parallel sessions. Loads the program `score` or `rank` when a method first needs it, and holds only one of the two. */
export class Scoring implements ScoringSession {
  readonly #options: ScoringOptions;
  #scoring: Loaded<ScoreInputs, ScoreOutputs> | undefined;
  readonly #changes: ReturnType<typeof changeFollower>;
  #ranking: (Loaded<RankInputs, RankOutputs> & { readonly k: number }) | undefined;

  constructor(options: ScoringOptions) {
    this.#options = options;
    this.#changes = changeFollower(options);
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
    const changes = this.#changes(input, resetMask);
    const features = clickInputs(clicks, slots, context && translate ? translate(context) : context);
    return { input, resetMask, ...changes, ...features };
  }

  close(): void {
    this.#loaded?.runtime.dispose();
    this.#scoring = undefined;
    this.#ranking = undefined;
  }

  get #shape(): Omit<InferenceOptions, 'name'> {
    const { config, itemCount, slots, clicks, parts, fresh, linear } = this.#options;
    return { config, itemCount, slots, clicks, changed: parts?.length, fresh, linear };
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

/** Follows the items of parallel sessions; gives what sparse parts change of the scores after a step. */
function changeFollower({
  config,
  slots,
  parts,
}: ScoringOptions): (input: Int32Array, resetMask: Float32Array) => ChangeInputs {
  if (!parts) return () => ({});
  const history = new SessionHistory(slots, historyLength(config));
  return (input, resetMask) => {
    history.follow(input, resetMask);
    return changeInputs(history, parts);
  };
}

/** The changes of the scores of each slot's session (fresh). */
export function changeInputs(
  { items, counts, length }: SessionHistory,
  parts: SessionParts,
): Required<ChangeInputs> {
  const slots = items.length / length;
  const size = slots * parts.length;
  const inputs = {
    changed: new Int32Array(size),
    scale: new Float32Array(size),
    added: new Float32Array(size),
  };
  for (let slot = 0; slot < slots; slot++) {
    const [start, end] = [slot * length, (slot + 1) * length];
    parts.read({ items: items.subarray(start, end), counts: counts.subarray(start, end) });
    inputs.changed.set(parts.items, slot * parts.length);
    inputs.scale.set(parts.scale, slot * parts.length);
    inputs.added.set(parts.added, slot * parts.length);
  }
  return inputs;
}

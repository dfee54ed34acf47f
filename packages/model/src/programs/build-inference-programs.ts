import {
  type FloatArray,
  type Graph,
  type Program,
  ProgramBuilder,
  type StepGraph,
  type Tensor,
} from '@gru4rec/program';
import type { StepConfig } from '../model-config.ts';
import type { ClickShape, StepClicks } from './click-features.ts';
import {
  hiddenState,
  modelScores,
  type OutputRows,
  outputRows,
  type ScoreChanges,
  scores,
} from './forward.ts';

// Dimensions: S slots, sessions of one step; I items; H units of the last layer; M items of a session whose scores parts change.

/** What an inference program is built for. */
export interface InferenceOptions {
  readonly config: StepConfig;
  readonly itemCount: number;
  readonly slots: number;
  readonly clicks?: ClickShape | undefined;
  /** M of `SessionParts`; without it, no sparse part changes a score. */
  readonly changed?: number | undefined;
  readonly fresh?: boolean | undefined;
  /** Whether scores do not pass through `finalAct`; only of `buildScoreProgram`. */
  readonly linear?: boolean | undefined;
  /** Name of the program. Its states are variables named `<name>.layer<l>.<state>`. */
  readonly name: string;
}

/** One event per session. */
export interface EventInputs {
  /** [S] item index, −1 in an idle slot. */
  readonly input: Int32Array;
  /** [S] 1 where a session starts. */
  readonly resetMask: Float32Array;
  /** [S × K] features of each click, −1 for none; only with features of clicks. */
  readonly clickFeatures?: Int32Array;
}

export interface ScoreInputs extends EventInputs {
  /** [S × M] items whose scores parts change, none twice per session, −1 where there are fewer. Only with sparse parts. */
  readonly changed?: Int32Array;
  /** [S × M] scales and additions of their scores; [S × N] in programs that score N items. */
  readonly scale?: Float32Array;
  readonly added?: Float32Array;
}

export type ChangeInputs = Omit<ScoreInputs, keyof EventInputs>;

export interface StateInputs extends ChangeInputs {
  /** [S, H], the last layer's output. */
  readonly hidden: Float32Array;
}

/** Scores of all items, [S, I], passed through `finalAct` with losses that train behind it. */
export interface ScoreOutputs {
  readonly scores: FloatArray;
}

export interface RankInputs extends ScoreInputs {
  /** [S] item index of the event that follows, −1 in an idle slot. */
  readonly target: Int32Array;
}

export interface RankOutputs {
  /** [2, S]: items with a greater score than the target, then items with the same score; see the op `rank-counts`. */
  readonly counts: FloatArray;
  /** [k, S]: the items with the greatest scores; absent if k is 0. */
  readonly top?: Int32Array | undefined;
}

/** Scores of all items after one more event in each slot. */
export function buildScoreProgram(options: InferenceOptions): Program<ScoreInputs, ScoreOutputs> {
  const { config, name, linear } = options;
  const b = new ProgramBuilder<ScoreInputs, ScoreOutputs>(name);
  const hidden = hiddenAfter(b, options);
  const [rows, changes] = [outputRows(b, options), changesInput(b, options)];
  b.output(
    'scores',
    linear
      ? scores(b, hidden, rows, 'slots', changes)
      : modelScores(b, config, hidden, rows, 'slots', changes),
  );
  return b.build();
}

/** The last layer's output [S, H] after one more event in each slot, whose inputs it declares; zeros without the network. */
function hiddenAfter(
  b: StepGraph & Pick<ProgramBuilder<EventInputs, object>, 'input'>,
  options: InferenceOptions,
): Tensor {
  const { config, itemCount, name, slots } = options;
  const input = b.input('input', { dtype: 'i32', rows: slots, cols: 1 });
  const resetMask = b.input('resetMask', { dtype: 'f32', rows: slots, cols: 1 });
  const clicks = clicksInput(b, options);
  const statePrefix = `${name}.`;
  const hidden = hiddenState(b, { config, itemCount, slots, input, resetMask, statePrefix, clicks });
  return config.parts.includes('network') ? hidden : b.affine(hidden, 0, 0);
}

function clicksInput(
  b: Pick<ProgramBuilder<{ clickFeatures: Int32Array }>, 'input'>,
  { clicks, slots }: Pick<InferenceOptions, 'clicks' | 'slots'>,
): StepClicks | undefined {
  if (!clicks) return undefined;
  const rows = slots * clicks.perClick;
  return { ...clicks, indices: b.input('clickFeatures', { dtype: 'i32', rows, cols: 1 }) };
}

type ChangeBuilder = Pick<ProgramBuilder<Required<ChangeInputs>>, 'input'>;

function changesInput(
  b: ChangeBuilder,
  { slots: rows, changed: cols }: Pick<InferenceOptions, 'slots' | 'changed'>,
): ScoreChanges | undefined {
  if (!cols) return undefined;
  const items = b.input('changed', { dtype: 'i32', rows, cols });
  return { ...changesOfEach(b, rows, cols), items };
}

/** The changes of all N scores of each session. */
function changesOfEach(b: ChangeBuilder, rows: number, cols: number): ScoreChanges {
  const scale = b.input('scale', { dtype: 'f32', rows, cols });
  return { items: undefined, scale, added: b.input('added', { dtype: 'f32', rows, cols }) };
}

/** Ranks of the targets after one more event in each slot. Scores stay inside the engine. */
export function buildRankProgram(
  options: InferenceOptions & { readonly k: number },
): Program<RankInputs, RankOutputs> {
  const { config, k, name, slots } = options;
  const b = new ProgramBuilder<RankInputs, RankOutputs>(name);
  const target = b.input('target', { dtype: 'i32', rows: slots, cols: 1 });
  const hidden = hiddenAfter(b, options);
  const rows = outputRows(b, options);
  const columns = scoreColumns(b, config, hidden, rows, changesInput(b, options));
  b.output('counts', b.rankCounts(columns, target));
  if (k > 0) b.output('top', b.topIndices(columns, k, target));
  return b.build();
}

/**
 * Scores of all items after one more event in each slot, for a server that keeps the states. Input `item` i32 [S, 1],
 * −1 where the model does not know it; with features of clicks `clickFeatures`, as in `ScoreInputs`; with sparse parts `scale` and
 * `added` [S, I], of all items. The states are variables named `layer<l>.<state>`, zeros at the start of a session.
 */
export function buildServeProgram(
  options: Omit<InferenceOptions, 'name'>,
): Program<ServeInputs, ScoreOutputs> {
  const { config, itemCount, slots, changed } = options;
  const b = new ProgramBuilder<ServeInputs, ScoreOutputs>('serve');
  const input = b.input('item', { dtype: 'i32', rows: slots, cols: 1 });
  const clicks = clicksInput(b, options);
  const hidden = hiddenState(b, { config, itemCount, slots, input, statePrefix: '', clicks });
  const changes = changed === undefined ? undefined : changesOfEach(b, slots, itemCount);
  const rows = outputRows(b, options);
  b.output('scores', modelScores(b, config, hidden, rows, 'slots', changes));
  return b.build();
}

interface ServeInputs extends Omit<ScoreInputs, 'input' | 'resetMask' | 'changed'> {
  readonly item: Int32Array;
}

export function buildAdvanceProgram(options: InferenceOptions): Program<EventInputs> {
  const b = new ProgramBuilder<EventInputs, object>(options.name);
  hiddenAfter(b, options);
  return b.build();
}

export function buildScoreAllProgram(options: InferenceOptions): Program<StateInputs, ScoreOutputs> {
  const { config, name, slots } = options;
  const b = new ProgramBuilder<StateInputs, ScoreOutputs>(name);
  const rows = outputRows(b, options);
  const hidden = b.input('hidden', { dtype: 'f32', rows: slots, cols: rows.table.cols });
  b.output('scores', modelScores(b, config, hidden, rows, 'slots', changesInput(b, options)));
  return b.build();
}

export interface TopOutputs {
  /** [k, S]: best first, equal scores by item index. */
  readonly top: Int32Array;
  /** [k]: the scores of `top`; only for one slot, where no part changes scores. */
  readonly scores?: FloatArray;
}

export interface TopInputs {
  readonly hidden: Float32Array;
  /** [⌈I / 32⌉] bits of the items that may be listed; only of a program for some items. */
  readonly allowed?: Int32Array;
}

/**
 * The `k` items with the greatest scores per session, from `hidden` [S, H], before sparse parts: see `LiveEngine`. −1 where there
 * are fewer.
 * @param options - `some`: whether only the items of `allowed` are listed.
 */
export function buildTopProgram(
  options: InferenceOptions & { readonly k: number; readonly some: boolean },
): Program<TopInputs, TopOutputs> {
  const { config, k, name, slots, some, itemCount } = options;
  const b = new ProgramBuilder<Required<TopInputs>, TopOutputs>(name);
  const rows = outputRows(b, options);
  const hidden = b.input('hidden', { dtype: 'f32', rows: slots, cols: rows.table.cols });
  const columns = scoreColumns(b, config, hidden, rows);
  const words = { dtype: 'i32', rows: Math.ceil(itemCount / 32), cols: 1 } as const;
  const top = some ? b.topAllowed(columns, k, b.input('allowed', words)) : b.topIndices(columns, k);
  b.output('top', top);
  if (slots === 1 && options.changed === undefined) {
    b.output('scores', scoresOf(b, options, top, hidden));
  }
  return b.build();
}

/** Scores [I, S], one column per slot. A single one is a table times a vector, for which the wasm engine has a kernel. */
function scoreColumns(
  b: Graph,
  config: StepConfig,
  hidden: Tensor,
  rows: OutputRows,
  changes?: ScoreChanges,
): Tensor {
  if (changes || hidden.rows > 1) return modelScores(b, config, hidden, rows, 'items', changes);
  return b.transpose(modelScores(b, config, hidden, rows, 'slots'));
}

/** Scores [slots] of items, of which −1 pads and has no meaning, for one session, from `hidden` [1, H]. */
export function buildScoreItemsProgram(
  options: InferenceOptions,
): Program<StateInputs & { readonly items: Int32Array }, ScoreOutputs> {
  const { config, name, slots, changed } = options;
  const b = new ProgramBuilder<StateInputs & { readonly items: Int32Array }, ScoreOutputs>(name);
  const items = b.input('items', { dtype: 'i32', rows: slots, cols: 1 });
  const hidden = b.input('hidden', { dtype: 'f32', rows: 1, cols: config.layers.at(-1) ?? 0 });
  const changes = changed === undefined ? undefined : changesOfEach(b, 1, slots);
  b.output('scores', scoresOf(b, options, items, hidden, changes));
  return b.build();
}

function scoresOf(
  b: StepGraph,
  options: InferenceOptions,
  items: Tensor,
  hidden: Tensor,
  changes?: ScoreChanges,
): Tensor {
  const rows = outputRows(b, options, items);
  return b.transpose(modelScores(b, options.config, hidden, rows, 'slots', changes));
}

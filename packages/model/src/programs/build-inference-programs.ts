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
  historyLength,
  modelScores,
  type OutputRows,
  outputRows,
  type RepeatInputs,
  type Repeats,
  repeatsOf,
} from './forward.ts';

// Dimensions: S slots, sessions of one step; I items; H units of the last layer; K places of a history.

/** What an inference program is built for. */
export interface InferenceOptions {
  readonly config: StepConfig;
  readonly itemCount: number;
  /** Sessions of one step. */
  readonly slots: number;
  readonly clicks?: ClickShape | undefined;
  /** M, the most neighbours of a session; only with a fitted repeat bias, and none if not given. */
  readonly neighbours?: number | undefined;
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
  /**
   * [S × K] the last distinct items of each session, its current one included, the most recent first; −1 where there are
   * fewer. Only with a repeat bias.
   */
  readonly history?: Int32Array;
  /**
   * [S × (K + 1)] log(clicks) of each item of `history`, 0 where there is none, then their mean. Only with a fitted repeat bias.
   */
  readonly historyClicks?: Float32Array;
  /** [S × M] the neighbours of each session, −1 where there are fewer. Only with neighbours, and not where all items have a value. */
  readonly neighbours?: Int32Array;
  /** [S × M] what their scores get, 0 where there is none; [S × N] of programs that score N items, of which each has a value. */
  readonly neighbourValues?: Float32Array;
}

/** The inputs that follow from the items of a session. */
export type HistoryInputs = Omit<ScoreInputs, keyof EventInputs>;

export interface StateInputs extends HistoryInputs {
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
  readonly top?: Int32Array;
}

/** Scores of all items after one more event in each slot. */
export function buildScoreProgram(options: InferenceOptions): Program<ScoreInputs, ScoreOutputs> {
  const { config, itemCount, name } = options;
  const b = new ProgramBuilder<ScoreInputs, ScoreOutputs>(name);
  const hidden = hiddenAfter(b, options);
  const repeats = repeatsOf(b, config, repeatInputs(b, options));
  b.output('scores', modelScores(b, config, hidden, outputRows(b, config, itemCount), 'slots', repeats));
  return b.build();
}

/** The last layer's output [S, H] after one more event in each slot, whose inputs it declares. */
function hiddenAfter(
  b: StepGraph & Pick<ProgramBuilder<EventInputs, object>, 'input'>,
  options: InferenceOptions,
): Tensor {
  const { config, itemCount, name, slots } = options;
  const input = b.input('input', { dtype: 'i32', rows: slots, cols: 1 });
  const resetMask = b.input('resetMask', { dtype: 'f32', rows: slots, cols: 1 });
  const clicks = clicksInput(b, options);
  return hiddenState(b, { config, itemCount, slots, input, resetMask, statePrefix: `${name}.`, clicks });
}

function clicksInput(
  b: Pick<ProgramBuilder<{ clickFeatures: Int32Array }>, 'input'>,
  { clicks, slots }: Pick<InferenceOptions, 'clicks' | 'slots'>,
): StepClicks | undefined {
  if (!clicks) return undefined;
  const rows = slots * clicks.perClick;
  return { ...clicks, indices: b.input('clickFeatures', { dtype: 'i32', rows, cols: 1 }) };
}

/** @param scored - N of `neighbourValues`; without it, they name their items. */
function repeatInputs(
  b: Pick<ProgramBuilder<Required<HistoryInputs>>, 'input'>,
  { config, slots: rows, neighbours }: Pick<InferenceOptions, 'config' | 'slots' | 'neighbours'>,
  scored?: number,
): RepeatInputs | undefined {
  const cols = historyLength(config);
  if (cols === 0) return undefined;
  const history = b.input('history', { dtype: 'i32', rows, cols });
  const clicks = b.input('historyClicks', { dtype: 'f32', rows, cols: cols + 1 });
  if (!neighbours) return { history, clicks };
  const items = scored ? undefined : b.input('neighbours', { dtype: 'i32', rows, cols: neighbours });
  const values = b.input('neighbourValues', { dtype: 'f32', rows, cols: scored ?? neighbours });
  return { history, clicks, neighbours: { items, values } };
}

/** Ranks of the targets after one more event in each slot. Scores stay inside the engine. */
export function buildRankProgram(
  options: InferenceOptions & { readonly k: number },
): Program<RankInputs, RankOutputs> {
  const { config, itemCount, k, name, slots } = options;
  const b = new ProgramBuilder<RankInputs, RankOutputs>(name);
  const target = b.input('target', { dtype: 'i32', rows: slots, cols: 1 });
  const hidden = hiddenAfter(b, options);
  const repeats = repeatsOf(b, config, repeatInputs(b, options));
  const scores = scoreColumns(b, config, hidden, outputRows(b, config, itemCount), repeats);
  b.output('counts', b.rankCounts(scores, target));
  if (k > 0) b.output('top', b.topIndices(scores, k, target));
  return b.build();
}

/**
 * Scores of all items after one more event in each slot, for a server that keeps the states. Input `item` i32 [S, 1],
 * −1 where the model does not know it; with a repeat bias also `history` and `historyClicks`, and with features of clicks
 * `clickFeatures`, as in `ScoreInputs`. The states are variables named `layer<l>.<state>`, zeros at the start of a session.
 */
export function buildServeProgram(
  options: Omit<InferenceOptions, 'name'>,
): Program<ServeInputs, ScoreOutputs> {
  const { config, itemCount, slots } = options;
  const b = new ProgramBuilder<ServeInputs, ScoreOutputs>('serve');
  const input = b.input('item', { dtype: 'i32', rows: slots, cols: 1 });
  const clicks = clicksInput(b, options);
  const hidden = hiddenState(b, { config, itemCount, slots, input, statePrefix: '', clicks });
  const repeats = repeatsOf(b, config, repeatInputs(b, options, itemCount));
  b.output('scores', modelScores(b, config, hidden, outputRows(b, config, itemCount), 'slots', repeats));
  return b.build();
}

interface ServeInputs extends Omit<ScoreInputs, 'input' | 'resetMask'> {
  readonly item: Int32Array;
}

export function buildAdvanceProgram(options: InferenceOptions): Program<EventInputs> {
  const b = new ProgramBuilder<EventInputs, object>(options.name);
  hiddenAfter(b, options);
  return b.build();
}

export function buildScoreAllProgram(options: InferenceOptions): Program<StateInputs, ScoreOutputs> {
  const { config, itemCount, name, slots } = options;
  const b = new ProgramBuilder<StateInputs, ScoreOutputs>(name);
  const rows = outputRows(b, config, itemCount);
  const hidden = b.input('hidden', { dtype: 'f32', rows: slots, cols: rows.table.cols });
  const repeats = repeatsOf(b, config, repeatInputs(b, options));
  b.output('scores', modelScores(b, config, hidden, rows, 'slots', repeats));
  return b.build();
}

export interface TopOutputs {
  /** [k, S]: best first, equal scores by item index. */
  readonly top: Int32Array;
  /** [k]: the scores of `top`; only for one slot, without a repeat bias. */
  readonly scores?: FloatArray;
}

/** The `k` items with the greatest scores per session, from `hidden` [S, H], without a repeat bias: see `LiveEngine`. */
export function buildTopProgram(
  options: InferenceOptions & { readonly k: number },
): Program<{ readonly hidden: Float32Array }, TopOutputs> {
  const { config, itemCount, k, name, slots } = options;
  const b = new ProgramBuilder<{ readonly hidden: Float32Array }, TopOutputs>(name);
  const rows = outputRows(b, config, itemCount);
  const hidden = b.input('hidden', { dtype: 'f32', rows: slots, cols: rows.table.cols });
  const top = b.topIndices(scoreColumns(b, config, hidden, rows), k);
  b.output('top', top);
  if (slots === 1 && historyLength(config) === 0) {
    b.output('scores', scoresOf(b, { config, itemCount, items: top, hidden }));
  }
  return b.build();
}

/** Scores [I, S], one column per slot. A single one is a table times a vector, for which the wasm engine has a kernel. */
function scoreColumns(
  b: Graph,
  config: StepConfig,
  hidden: Tensor,
  rows: OutputRows,
  repeats?: Repeats,
): Tensor {
  if (repeats) return modelScores(b, config, hidden, rows, 'items', repeats);
  if (hidden.rows > 1) return modelScores(b, config, hidden, rows, 'items');
  return b.transpose(modelScores(b, config, hidden, rows, 'slots'));
}

/**
 * Scores [slots] of items, of which −1 pads and has no meaning, for one session, from `hidden` [1, H]. The rows of `history` are
 * places in `items`.
 */
export function buildScoreItemsProgram(
  options: InferenceOptions,
): Program<StateInputs & { readonly items: Int32Array }, ScoreOutputs> {
  const { config, itemCount, name, slots, neighbours } = options;
  const b = new ProgramBuilder<StateInputs & { readonly items: Int32Array }, ScoreOutputs>(name);
  const items = b.input('items', { dtype: 'i32', rows: slots, cols: 1 });
  const hidden = b.input('hidden', { dtype: 'f32', rows: 1, cols: config.layers.at(-1) ?? 0 });
  const repeats = repeatsOf(b, config, repeatInputs(b, { config, slots: 1, neighbours }, slots));
  b.output('scores', scoresOf(b, { config, itemCount, items, hidden }, repeats));
  return b.build();
}

function scoresOf(
  b: StepGraph,
  given: {
    readonly config: StepConfig;
    readonly itemCount: number;
    readonly items: Tensor;
    readonly hidden: Tensor;
  },
  repeats?: Repeats,
): Tensor {
  const { config, itemCount, items, hidden } = given;
  const rows = outputRows(b, config, itemCount, items);
  return b.transpose(modelScores(b, config, hidden, rows, 'slots', repeats));
}

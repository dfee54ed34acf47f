import type { SessionArrays } from '@gru4rec/batcher';
import { type Choice, conditionalLogit, minimize, type Objective, topItems } from '@gru4rec/metrics';
import type { FloatArray } from '@gru4rec/program';
import type { Gru4Rec } from '../gru4rec.ts';
import type { ModelConfig } from '../model-config.ts';
import type { ScoringOptions } from '../scoring.ts';
import type { StoredModel } from '../storage/stored-model.ts';
import { type StoredTensor, valuesOf, withValues } from '../storage/tensors.ts';
import { deviations, type FitOptions, scoredClicks, scoringOf } from '../training/fitting.ts';
import { areOnDisk, type TrainingData } from '../training/training-data.ts';
import { Freshness, freshVariables, isFresh } from './freshness.ts';
import { SessionParts } from './session-parts.ts';

export type TimedArrays = SessionArrays & { readonly times: BigInt64Array };

function withTimes(sessions: SessionArrays): TimedArrays {
  const { times } = sessions;
  if (times) return { ...sessions, times };
  throw new RangeError(
    'train: freshness expected sessions with "times", one per event in milliseconds, got none.',
  );
}

interface Counted extends Pick<TrainingData, 'itemIds' | 'train'> {
  /** The model that training continues: its items count on from its last click. */
  readonly from: Gru4Rec | undefined;
  readonly untilMs?: number;
}

async function countFreshness(
  config: ModelConfig,
  { itemIds, train, from, untilMs = Number.POSITIVE_INFINITY }: Counted,
): Promise<Freshness> {
  const freshness = new Freshness(config, itemIds.length, from?.tensors);
  const sinceMs = freshness.nowMs;
  const counted = Uint8Array.from({ length: itemIds.length }, (_, item) => Number(freshness.exists(item)));
  const blocks = areOnDisk(train) ? train.blocks.length : 1;
  for (let index = 0; index < blocks; index++) {
    const { items, times } = withTimes(areOnDisk(train) ? await train.read(index) : train);
    for (let event = 0; event < items.length; event++) {
      const [item, timeMs] = [items[event], Number(times[event])];
      if (timeMs < untilMs && (timeMs > sinceMs || counted[item] === 0)) freshness.observe(item, timeMs);
    }
  }
  return freshness;
}

export function checkTimes(
  config: ModelConfig,
  ...splits: readonly (TrainingData['train'] | SessionArrays | undefined)[]
): void {
  if (!isFresh(config)) return;
  for (const split of splits) if (split && 'items' in split) withTimes(split);
}

/** The tensors of a training, with the freshness of items after the last click; the same without freshness. */
export async function withFreshness(
  tensors: readonly StoredTensor[],
  config: ModelConfig,
  data: Counted,
): Promise<readonly StoredTensor[]> {
  if (!isFresh(config)) return tensors;
  const counted = await countFreshness(config, data);
  return withValues(
    tensors,
    counted.values((name) => valuesOf(tensors, name)),
  );
}

/** Fits the weights of freshness to held-out sessions, if there are any. */
export async function withFittedFreshness(model: StoredModel, options: FitOptions): Promise<StoredModel> {
  const { config, itemIds, tensors } = model;
  const { data, unseen, few, from } = options;
  if (!isFresh(config) || !unseen || !few) return model;
  const timed = withTimes(unseen);
  const firstMs = timed.times.reduce(
    (least, time) => Math.min(least, Number(time)),
    Number.POSITIVE_INFINITY,
  );
  // Sessions that began before may go on among the held-out ones.
  const before = () => countFreshness(config, { ...data, from, untilMs: firstMs });
  const popularAt = recentlyPopular(await before(), timed);
  const parts = SessionParts.open(config, tensors, itemIds.length);
  const scoring = { ...scoringOf(model, options), parts };
  const clicks = await collectFreshClicks(scoring, withTimes(few), popularAt);
  const values = fitFreshness(await before(), timed, clicks);
  return { ...model, tensors: withValues(tensors, { [freshVariables.weights]: values }) };
}

/** Items that compete with a target: per half-life those with the most recent clicks, and those with the greatest scores. */
const POPULAR = 100;
const BEST = 20;

/** A held-out click, with the scores of the items that freshness can move it past. */
export interface FreshClick {
  readonly timeMs: number;
  readonly items: Int32Array;
  readonly scores: Float64Array;
}

/** Scores held-out clicks without freshness, but for items that are neither recently popular nor among the best. */
async function collectFreshClicks(
  options: Omit<ScoringOptions, 'slots'>,
  sessions: TimedArrays,
  popularAt: (timeMs: number) => Int32Array,
): Promise<FreshClick[]> {
  const clicks: FreshClick[] = [];
  for await (const { scores, target, start, place } of scoredClicks(options, sessions)) {
    const clicked = sessions.items.subarray(start, place + 1);
    const timeMs = Number(sessions.times[place]);
    const items = competitors(scores, popularAt(timeMs), { target, own: clicked });
    if (!items) continue;
    clicks.push({ timeMs, items, scores: Float64Array.from(items, (item) => scores[item]) });
  }
  return clicks;
}

/** The target and its rivals, without the session's own items, which are for `repeats`; undefined if it is none. */
function competitors(
  scores: FloatArray,
  popular: Int32Array,
  { target, own }: { readonly target: number; readonly own: Int32Array },
): Int32Array | undefined {
  const order = topItems(scores, BEST);
  if (!popular.includes(target) && !order.includes(target)) return undefined;
  const items = new Set([...popular, ...order]);
  for (const item of [target, ...own]) items.delete(item);
  return Int32Array.from([target, ...items]);
}

/** Times at which the items with the most recent clicks are listed, at equal numbers of clicks. */
const LISTS = 200;

/** Lists the items with the most recent clicks as time passes; `freshness` has counted the training sessions. */
function recentlyPopular(freshness: Freshness, counted: TimedArrays): (timeMs: number) => Int32Array {
  const lists: { readonly timeMs: number; readonly items: Int32Array }[] = [];
  const events = inTime(counted);
  const every = Math.ceil(events.length / LISTS);
  for (const [at, event] of events.entries()) {
    const timeMs = Number(counted.times[event]);
    if (at % every === 0) lists.push({ timeMs, items: freshness.mostClicked(POPULAR) });
    freshness.observe(counted.items[event], timeMs);
  }
  return (timeMs) => {
    const after = lists.findIndex((list) => list.timeMs >= timeMs);
    return (lists.at(after < 0 ? -1 : Math.max(0, after - 1)) as (typeof lists)[number]).items;
  };
}

function inTime({ times }: TimedArrays): number[] {
  return Array.from(times.keys()).sort((a, b) => Number(times[a]) - Number(times[b]));
}

/** What `freshness`, which has counted the training sessions, says of each click's items at its time, [N × F] each. */
function describeAll(
  freshness: Freshness,
  counted: TimedArrays,
  clicks: readonly FreshClick[],
): Float32Array[] {
  const described: Float32Array[] = Array(clicks.length);
  const events = inTime(counted);
  const order = Array.from(clicks.keys()).sort((a, b) => clicks[a].timeMs - clicks[b].timeMs);
  let next = 0;
  for (const at of order) {
    const { timeMs, items } = clicks[at];
    for (; next < events.length && Number(counted.times[events[next]]) < timeMs; next++) {
      const event = events[next];
      freshness.observe(counted.items[event], Number(counted.times[event]));
    }
    const x = new Float32Array(items.length * freshness.width);
    freshness.describe(items, timeMs, x);
    described[at] = x;
  }
  return described;
}

const LISTED = 20;
/** λ, in clicks: pulls every weight towards 0. */
const RIDGE = 1;
/** Weights of recent clicks that are tried per half-life, in standard deviations of the scores. */
const TRIED = [0.25, 0.5, 1, 2, 4, 8];
/** Freshness that lists fewer clicked items more than this is left out. */
const LEAST_GAIN = 0.002;

/**
 * Chooses the weights θ [F] of freshness by the recall of held-out clicks, with the scores of the model as they are: among zeros,
 * one half-life at a time with weights of several sizes, and those of greatest likelihood. Zeros if nothing
 * gains more than 0.002.
 * @param freshness - has counted the training sessions; counts `counted`, all held-out sessions, too.
 */
export function fitFreshness(
  freshness: Freshness,
  counted: TimedArrays,
  clicks: readonly FreshClick[],
): Float32Array {
  const { width, recentWidth } = freshness;
  const none = new Float32Array(width);
  if (clicks.length === 0) return none;
  const described = describeAll(freshness, counted, clicks);
  const sigma = spreadOf(clicks);
  const likeliest = mostLikely(clicks, described, width);
  const agesOnly = likeliest.map((weight, f) => (f < recentWidth ? 0 : weight));
  const tried = [likeliest, agesOnly];
  for (let f = 0; f < recentWidth; f++) {
    for (const size of TRIED) tried.push(none.map((_, g) => (g === f ? size * sigma : 0)));
  }
  let [best, most]: [Float32Array, number] = [none, recallOf(clicks, described, none) + LEAST_GAIN];
  for (const weights of tried) {
    const recall = recallOf(clicks, described, weights);
    if (recall > most) [best, most] = [weights, recall];
  }
  return best;
}

function recallOf(
  clicks: readonly FreshClick[],
  described: readonly Float32Array[],
  weights: Float32Array,
): number {
  let hits = 0;
  for (const [click, { scores }] of clicks.entries()) {
    const own = described[click];
    const total = (item: number): number => {
      let sum = scores[item];
      for (const [f, weight] of weights.entries()) sum += weight * own[item * weights.length + f];
      return sum;
    };
    const target = total(0);
    let better = 0;
    for (let item = 1; item < scores.length && better < LISTED; item++) if (total(item) >= target) better++;
    if (better < LISTED) hits++;
  }
  return hits / clicks.length;
}

function spreadOf(clicks: readonly FreshClick[]): number {
  const { count, squares } = deviations(clicks.map(({ scores }) => scores));
  return Math.max(1e-6, Math.sqrt(squares / count));
}

function mostLikely(
  clicks: readonly FreshClick[],
  described: readonly Float32Array[],
  width: number,
): Float32Array {
  const start = new Float64Array(width + 1);
  start[width] = 1 / spreadOf(clicks);
  const choices = freshChoices(clicks, described);
  const fitted = minimize(
    (x) => freshObjective(choices, x),
    start,
    (x) => x[width] > 0,
  );
  return Float32Array.from(fitted.subarray(0, width), (weight) => weight / fitted[width]);
}

/** The clicks as choices between items with the features [x_i | s_i], and the unknowns [θ | τ]. */
export function freshChoices(clicks: readonly FreshClick[], described: readonly Float32Array[]): Choice[] {
  return clicks.map(({ scores }, click) => {
    const width = described[click].length / scores.length;
    const ends: number[] = [];
    const columns: number[] = [];
    const values: number[] = [];
    for (const [item, score] of scores.entries()) {
      for (let f = 0; f < width; f++) {
        const feature = described[click][item * width + f];
        if (feature === 0) continue;
        columns.push(f);
        values.push(feature);
      }
      columns.push(width);
      values.push(score);
      ends.push(columns.length);
    }
    return {
      ends: Int32Array.from(ends),
      columns: Uint16Array.from(columns),
      values: Float64Array.from(values),
      chosen: 0,
    };
  });
}

/** The conditional logit with λ/2 |θ|². */
export function freshObjective(choices: readonly Choice[], x: Float64Array): Objective {
  return conditionalLogit(choices, x, (_, gradient, hessian) => {
    let value = 0;
    for (let k = 0; k < x.length - 1; k++) {
      value += (RIDGE / 2) * x[k] ** 2;
      gradient[k] = RIDGE * x[k];
      hessian[k * x.length + k] = RIDGE;
    }
    return value;
  });
}

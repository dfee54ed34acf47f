import {
  anything,
  type Complete,
  finiteAbove0,
  integer,
  type OptionChecks,
  positive,
  required,
  withDefaults,
} from '@gru4rec/checks';
import type { LRUCache } from 'lru-cache';
import type { ModelConfig } from '../config.ts';
import type { Gru4Rec } from '../gru4rec.ts';
import { rowsWithRoom } from '../live/live-engine.ts';
import { withoutMoment } from '../parts/freshness.ts';
import type { FollowedState } from '../parts/part.ts';
import { embeddingWidth } from '../programs/forward.ts';
import type { EpochRecord } from '../training/epoch-record.ts';
import type { TrainingEngine } from '../training/train-options.ts';

/** How a learner learns. Of `ClickLimits`, none if not given. */
export interface LearnerOptions extends Partial<ClickLimits> {
  readonly engine: TrainingEngine;
  /**
   * η of every step; if not given, that of the model, or the one fitted to the sessions held out in training, which doubles as the
   * learner learns more than they: η · (1 + p / (p + P)) after p pairs, P those of an epoch.
   */
  readonly learningRate?: number | undefined;
  /** Pairs of clicks per step (8; that of the model if it is smaller, or if nothing is sampled). */
  readonly batchSize?: number | undefined;
  /** Time of clicks, in ms, after which a pair is learnt in a step that is not full (60,000). */
  readonly maxWaitMs?: number | undefined;
  /** Time, in ms, in which the weight of a click halves, for negatives and popular items (one day). */
  readonly halfLifeMs?: number | undefined;
  /** The most sessions that are followed (100,000). A new one replaces the one without a click for longest. */
  readonly maxSessions?: number | undefined;
  /** [I] clicks per item before the first; those that the model records if not given. Read only. */
  readonly counts?: ArrayLike<number> | undefined;
  /**
   * `Learner.state` of the learner that made the model, to go on where that one was, in place of `counts`. The other options
   * must be equal to its own.
   */
  readonly state?: LearnerState | undefined;
}

export const learnerChecks: OptionChecks<LearnerOptions> = {
  engine: required(anything),
  learningRate: finiteAbove0,
  batchSize: integer(1),
  maxWaitMs: positive,
  halfLifeMs: finiteAbove0,
  maxSessions: integer(1),
  counts: anything,
  sessionPairs: integer(1),
  sessionItem: integer(1),
  itemShare: finiteAbove0,
  newItems: integer(0),
  state: anything,
};

const DAY_MS = 86_400_000;
/** Pairs of a step where negatives are sampled; see decision 0044. */
const PAIRS = 8;

const noLimits: ClickLimits = {
  sessionPairs: Number.POSITIVE_INFINITY,
  sessionItem: Number.POSITIVE_INFINITY,
  itemShare: 1,
  newItems: Number.POSITIVE_INFINITY,
};

export type FullOptions = Complete<Omit<LearnerOptions, 'counts' | 'state'>> & {
  /** P of a fitted learning rate; Infinity for another. */
  readonly epochPairs: number;
};

export function fullOptions(
  { config, history }: Pick<Gru4Rec, 'config' | 'history'>,
  { counts, state, ...options }: LearnerOptions,
): FullOptions {
  const { batchSize, nSample } = config;
  const fitted = history.findLast(({ learnerRate }) => learnerRate !== undefined);
  const defaults = {
    learningRate: fitted?.learnerRate ?? config.learningRate,
    batchSize: nSample === 0 ? batchSize : Math.min(PAIRS, batchSize),
    maxWaitMs: 60_000,
    halfLifeMs: DAY_MS,
    maxSessions: 100_000,
    ...noLimits,
  };
  const isFitted = options.learningRate === undefined && fitted;
  return {
    ...withDefaults(defaults, options),
    epochPairs: isFitted ? fitted.events : Number.POSITIVE_INFINITY,
  };
}

/** The configuration that a learner goes on with: its biases follow the parts of a moment, and its items have no features. */
export function learnerConfig(config: ModelConfig): ModelConfig {
  return { ...withoutMoment(config), itemFeatures: [], itemVectors: [], targetTypes: [] };
}

/** A copy of clicks per item, not all 0. @throws RangeError if there is not one count ≥ 0 per item. */
export function countsOf(counts: ArrayLike<number> | undefined, itemCount: number): Float64Array {
  if (counts && counts.length !== itemCount) {
    throw new RangeError(
      `Learner: "counts" expected ${itemCount} entries, one per item, got ${counts.length}.`,
    );
  }
  const copy = counts ? Float64Array.from(counts) : new Float64Array(itemCount).fill(1);
  return copy.some((count) => count > 0) ? copy : copy.fill(1);
}

/** How much one visitor, or everybody together, can teach a learner. A click beyond a limit is as if it had not happened. */
export interface ClickLimits {
  /** The most pairs that are learnt of one session. */
  readonly sessionPairs: number;
  /** The most times that one session teaches one item as the next click. */
  readonly sessionItem: number;
  /**
   * The most that one item has of the clicks of a minute, from 0 to 1: this share, twice its share of the latest days, twice
   * its clicks of the minute before, or 10 clicks, whichever is most. Below 1, clicks beyond twice its usual share are also
   * limited directly after each other item: to a tenth of the other's clicks, twice those of the minute before, or 3.
   */
  readonly itemShare: number;
  /** The most items that are learnt beside those of the model. */
  readonly newItems: number;
}

/**
 * What a learner has beside its model between two clicks. With the model of the same moment (`Learner.model`), a new learner
 * goes on with the same bits. Typed arrays and plain values only, so that `v8.serialize` and messages can carry it.
 */
export interface LearnerState {
  /** [I] decayed clicks per item. */
  readonly counts: Float64Array;
  readonly countSum: number;
  /** [at most I] the counts that negatives are drawn by. */
  readonly drawnBy: Float64Array;
  readonly countedMs?: number | undefined;
  readonly stepsSinceCount: number;
  /** Items that the model had before it learnt. */
  readonly itemsBefore: number;
  readonly pairs: number;
  readonly dropped: number;
  readonly minute: MinuteCounts;
  readonly step: StepState;
  /** What the tables of parts count on from; states before 2026-12-02 lack it. */
  readonly parts?: Readonly<Record<string, FollowedState>> | undefined;
  /** The followed sessions, the latest one first; then those that are not followed but have a pair that waits. */
  readonly sessions: SessionsState;
  readonly waiting: WaitingState;
}

export interface StepState {
  readonly rows: number;
  readonly course: Pick<EpochRecord, 'epoch' | 'steps' | 'events' | 'seconds'> & { readonly lossSum: number };
}

export interface SessionsState {
  readonly ids: readonly string[];
  /** [S] item of the last click. */
  readonly last: Int32Array;
  /** [S × K] features of that click. */
  readonly features: Int32Array;
  /** [S × state] hidden states. */
  readonly states: Float32Array;
  /** [S] items that each session has taught, and all of them. */
  readonly taughtCounts: Int32Array;
  readonly taught: Int32Array;
  /** [S] items of each session that parts counted, and all of them; states before 2026-12-02 lack them. */
  readonly itemCounts?: Int32Array | undefined;
  readonly items?: Int32Array | undefined;
}

/** [P] pairs that wait, in order. */
export interface WaitingState {
  readonly session: Int32Array;
  readonly input: Int32Array;
  readonly features: Int32Array;
  readonly target: Int32Array;
  readonly timeMs: Float64Array;
}

/** Rows of item tables, spare ones unless all items are negatives. Never the extent of a parameter. */
export function rowsFor(items: number, config: ModelConfig, clickFeatures: number): number {
  if (config.nSample === 'all') return items;
  let rows = rowsWithRoom(items);
  while ([...config.layers, embeddingWidth(config), clickFeatures].includes(rows)) rows++;
  return rows;
}

export interface FollowedSession {
  /** Hidden states before its last click. */
  readonly state: Float32Array;
  last: number;
  features: Int32Array;
  readonly taught: number[];
  /** Its first distinct items, at most 10; only where parts count them. */
  readonly items: number[];
}

export interface WaitingPair {
  readonly session: FollowedSession;
  readonly input: number;
  readonly features: Int32Array;
  readonly target: number;
  readonly timeMs: number;
}

export type FollowedSessions = LRUCache<string, FollowedSession>;

export function storeSessions(
  sessions: FollowedSessions,
  waiting: readonly WaitingPair[],
  stateLength: number,
): { readonly sessions: SessionsState; readonly waiting: WaitingState } {
  const ids: string[] = [];
  const numbers = new Map<FollowedSession, number>();
  for (const [id, session] of sessions.entries()) {
    ids.push(id);
    numbers.set(session, numbers.size);
  }
  for (const { session } of waiting) if (!numbers.has(session)) numbers.set(session, numbers.size);
  const all = [...numbers.keys()];
  const states = new Float32Array(all.length * stateLength);
  for (const [at, { state }] of all.entries()) states.set(state, at * stateLength);
  return {
    sessions: {
      ids,
      last: Int32Array.from(all, ({ last }) => last),
      features: Int32Array.from(all.flatMap(({ features }) => [...features])),
      states,
      taughtCounts: Int32Array.from(all, ({ taught }) => taught.length),
      taught: Int32Array.from(all.flatMap(({ taught }) => taught)),
      itemCounts: Int32Array.from(all, ({ items }) => items.length),
      items: Int32Array.from(all.flatMap(({ items }) => items)),
    },
    waiting: {
      session: Int32Array.from(waiting, ({ session }) => numbers.get(session) ?? -1),
      input: Int32Array.from(waiting, ({ input }) => input),
      features: Int32Array.from(waiting.flatMap(({ features }) => [...features])),
      target: Int32Array.from(waiting, ({ target }) => target),
      timeMs: Float64Array.from(waiting, ({ timeMs }) => timeMs),
    },
  };
}

/** Puts stored sessions into `sessions`, which is empty, in their order. @returns the pairs that wait. */
export function restoreSessions(
  sessions: FollowedSessions,
  stored: { readonly sessions: SessionsState; readonly waiting: WaitingState },
  stateLength: number,
): WaitingPair[] {
  const { ids, last, states, taughtCounts, taught, itemCounts, items } = stored.sessions;
  const taughtOf = split(taught, taughtCounts);
  const itemsOf = split(items, itemCounts);
  const featuresOf = ({ features }: { readonly features: Int32Array }, row: number, of: number) =>
    features.slice((row * features.length) / of, ((row + 1) * features.length) / of);
  const all = Array.from(last, (item, number): FollowedSession => {
    const state = states.slice(number * stateLength, (number + 1) * stateLength);
    const features = featuresOf(stored.sessions, number, last.length);
    return { state, last: item, features, taught: taughtOf(number), items: itemsOf(number) };
  });
  for (const [number, id] of [...ids.entries()].reverse()) sessions.set(id, all[number]);
  const { session, input, target, timeMs } = stored.waiting;
  return Array.from(session, (number, pair) => ({
    session: all[number],
    input: input[pair],
    features: featuresOf(stored.waiting, pair, session.length),
    target: target[pair],
    timeMs: timeMs[pair],
  }));
}

/** @returns the values of the next one, to be called for each in turn. */
function split(values: Int32Array = new Int32Array(), counts: Int32Array = new Int32Array()) {
  let end = 0;
  return (number: number): number[] => {
    const start = end;
    end += counts[number] ?? 0;
    return Array.from(values.subarray(start, end));
  };
}

const MINUTE_MS = 60_000;
/** Below, a share is no evidence. */
const LEAST_CLICKS = 10;
const LEAST_PAIRS = 3;
/** How many times its clicks of the minute before an item may have, so that what visitors really want reaches its share. */
const GROWTH = 2;
/** The most of an item's clicks that one other item follows directly. */
const PAIR_SHARE = 0.1;
const PAIR_KEY = 2 ** 26;

/** What the share of an item is judged by; see `LearnerState`. */
export interface MinuteCounts {
  readonly startMs: number;
  readonly clicks: number;
  readonly before: number;
  /** By item, and by pair: (1 + the earlier item) · 2²⁶ + the later one. */
  readonly byItem: ReadonlyMap<number, number>;
  /** The same of the minute before; earlier versions saved none. */
  readonly byItemBefore?: ReadonlyMap<number, number> | undefined;
}

/** The clicks of a minute per item, within `ClickLimits.itemShare`. */
export class MinuteShares {
  readonly #share: number;
  readonly #now: {
    startMs: number;
    clicks: number;
    before: number;
    byItem: Map<number, number>;
    byItemBefore: Map<number, number>;
  };

  constructor(share: number, from: MinuteCounts = { startMs: 0, clicks: 0, before: 0, byItem: new Map() }) {
    this.#share = share;
    this.#now = { ...from, byItem: new Map(from.byItem), byItemBefore: new Map(from.byItemBefore) };
  }

  /** What another one goes on from (a copy). */
  get counts(): MinuteCounts {
    const { byItem, byItemBefore, ...rest } = this.#now;
    return { ...rest, byItem: new Map(byItem), byItemBefore: new Map(byItemBefore) };
  }

  /**
   * Counts a click unless its item has had its share of the minute, or of what follows the item before it.
   * @param usual - the item's share of the latest days.
   * @param previous - the item of the session's click before; undefined for the first.
   */
  take(item: number, usual: number, timeMs: number, previous: number | undefined): boolean {
    if (this.#share >= 1) return true;
    const now = this.#now;
    const minutes = Math.floor((timeMs - now.startMs) / MINUTE_MS);
    if (minutes >= 1) {
      now.before = minutes === 1 ? now.clicks : 0;
      now.byItemBefore = minutes === 1 ? now.byItem : new Map();
      now.clicks = 0;
      now.byItem = new Map();
      now.startMs += minutes * MINUTE_MS;
    }
    const clicks = Math.max(now.before, now.clicks);
    const usualClicks = 2 * usual * clicks;
    if (!this.#hasRoom(item, Math.max(LEAST_CLICKS, this.#share * clicks, usualClicks))) return false;
    if (previous !== undefined) {
      const pair = (1 + previous) * PAIR_KEY + item;
      const isUsual = (now.byItem.get(item) ?? 0) < usualClicks;
      const most = Math.max(LEAST_PAIRS, PAIR_SHARE * (now.byItem.get(previous) ?? 0));
      if (!isUsual && !this.#hasRoom(pair, most)) return false;
      now.byItem.set(pair, 1 + (now.byItem.get(pair) ?? 0));
    }
    now.byItem.set(item, 1 + (now.byItem.get(item) ?? 0));
    now.clicks++;
    return true;
  }

  /** Whether an item has at most 3 clicks in the minute, twice its usual share or twice those of the minute before. */
  isUsual(item: number, usual: number): boolean {
    if (this.#share >= 1) return true;
    const { byItem, byItemBefore, before, clicks } = this.#now;
    const most = Math.max(
      LEAST_PAIRS,
      2 * usual * Math.max(before, clicks),
      GROWTH * (byItemBefore.get(item) ?? 0),
    );
    return (byItem.get(item) ?? 0) <= most;
  }

  #hasRoom(key: number, most: number): boolean {
    const { byItem, byItemBefore } = this.#now;
    return (byItem.get(key) ?? 0) < Math.floor(Math.max(most, GROWTH * (byItemBefore.get(key) ?? 0)));
  }
}

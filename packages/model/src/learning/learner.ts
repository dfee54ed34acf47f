import { checkHas, checkOptions } from '@gru4rec/checks';
import { ItemIdTable } from '@gru4rec/dataset/ids';
import type { Scorer } from '@gru4rec/metrics';
import { LRUCache } from 'lru-cache';
import type { ModelConfig } from '../config.ts';
import { Gru4Rec } from '../gru4rec.ts';
import { type FollowedPart, followParts } from '../parts/registry.ts';
import type { ClickColumn } from '../programs/click-features.ts';
import type { Allocate, StoredTensor } from '../storage/tensors.ts';
import {
  countsOf,
  type FollowedSession,
  type FollowedSessions,
  type FullOptions,
  fullOptions,
  type LearnerOptions,
  type LearnerState,
  learnerChecks,
  learnerConfig,
  MinuteShares,
  restoreSessions,
  storeSessions,
  type WaitingPair,
} from './learner-state.ts';
import { LearnerStep } from './learner-step.ts';

/** A click as a learner reads it. */
export interface LearnerClick {
  readonly session: string;
  readonly item: string;
  /** Milliseconds of any clock that does not go back. */
  readonly timeMs: number;
  /** [K] features of the click (`Gru4Rec.clicks`), −1 for none; with `clickFeatures`, none if not given. Kept; read only. */
  readonly features?: Int32Array | undefined;
}

/** The most distinct items of a session that count for the parts. */
const MOST_ITEMS = 10;
/** Steps after which negatives are drawn by the current counts. */
const STEPS_PER_COUNT = 32;

/**
 * Learns from a stream of clicks, with the step, loss, negatives and optimiser of training.
 *
 * Each click but the first of a session makes a pair with the click before. A step learns `batchSize` pairs, no two of
 * one session, from the hidden states of their sessions. Items that the model does not know get new rows. What is learnt
 * depends only on the clicks in their order, not on how they are cut into calls.
 */
export class Learner {
  readonly #before: Pick<Gru4Rec, 'config' | 'history' | 'clickVocabulary'>;
  readonly #tables: readonly FollowedPart[];
  readonly #config: ModelConfig;
  readonly #options: FullOptions;
  readonly #itemIds: ItemIdTable;
  readonly #sessions: FollowedSessions;
  readonly #step: LearnerStep;
  readonly #shares: MinuteShares;
  #itemsBefore: number;
  #waiting: WaitingPair[] = [];
  #counts: Float64Array;
  #countSum: number;
  #drawnBy: Float64Array;
  #countedMs: number | undefined;
  #stepsSinceCount = 0;
  #pairs = 0;
  #dropped = 0;

  constructor(model: Gru4Rec, options: LearnerOptions) {
    checkHas('Learner', 'model', model, ['config', 'itemIds', 'tensors']);
    checkOptions('Learner', options, learnerChecks);
    const { counts = model.recentClicks, engine, state } = options;
    const { history, clickVocabulary } = model;
    const config = learnerConfig(model.config);
    this.#options = fullOptions(model, options);
    // What another learner learnt is the last epoch of its model, and goes on.
    const learnt = state && state.step.course.steps > 0 ? 1 : 0;
    this.#before = { config, clickVocabulary, history: history.slice(0, history.length - learnt) };
    this.#tables = followParts(config, model.tensors, state?.parts);
    this.#config = { ...config, batchSize: this.#options.batchSize };
    this.#itemIds = ItemIdTable.from(model.itemIds);
    this.#itemsBefore = state?.itemsBefore ?? this.#itemIds.length;
    this.#counts = countsOf(state?.counts ?? counts, this.#itemIds.length);
    this.#countSum = state?.countSum ?? this.#counts.reduce((sum, count) => sum + count, 0);
    this.#drawnBy = state?.drawnBy.slice() ?? this.#counts.slice();
    this.#sessions = new LRUCache({ max: this.#options.maxSessions });
    this.#shares = new MinuteShares(this.#options.itemShare, state?.minute);
    this.#step = new LearnerStep(model, this.#config, { engine, counts: this.#drawnBy, from: state?.step });
    if (!state) return;
    this.#countedMs = state.countedMs;
    this.#stepsSinceCount = state.stepsSinceCount;
    this.#pairs = state.pairs;
    this.#dropped = state.dropped;
    this.#waiting = restoreSessions(this.#sessions, state, this.#step.stateLength);
  }

  /** Pairs learnt so far. */
  get pairs(): number {
    return this.#pairs;
  }

  /** Clicks that were beyond a limit. */
  get dropped(): number {
    return this.#dropped;
  }

  /** Pairs that wait for a step. */
  get waiting(): number {
    return this.#waiting.length;
  }

  /** Ids by item index: those of the model, then the new ones. */
  get itemIds(): ItemIdTable {
    return this.#itemIds;
  }

  /**
   * Learns clicks, in order of time.
   * @throws NonFiniteLossError if the loss became NaN or infinite; the learner is then useless.
   */
  learn(clicks: Iterable<LearnerClick>): void {
    for (const click of clicks) this.#take(click);
  }

  /**
   * Makes items known before their first clicks. `newItems` does not count them.
   * @param items - ids, each once, with the values that their rows start with, by table (`composeItem`). Read only.
   * @returns how many were new; an item that is known keeps what was learnt of it.
   */
  addItems(items: readonly (readonly [id: string, rows: ReadonlyMap<string, Float32Array>])[]): number {
    const added = items.filter(([id]) => this.#itemIds.indexOf(id) < 0);
    const places = added.map(([id]) => this.#itemIds.add(id));
    this.#itemsBefore += added.length;
    while (this.#counts.length < this.#itemIds.length) this.#counts = doubled(this.#counts);
    if (this.#itemIds.length > this.#step.rows) this.#drawByCounts();
    for (const [at, [, rows]] of added.entries()) this.#step.writeRows(places[at], rows);
    return added.length;
  }

  /** Learns the pairs that wait, in steps that are not full. */
  flush(): void {
    while (this.#waiting.length > 0) this.#takeStep();
  }

  /** Follows sessions no longer, and learns none of their pairs that wait. What was learnt of them stays. */
  forget(ids: Iterable<string>): void {
    for (const id of ids) {
      const session = this.#sessions.get(id);
      this.#sessions.delete(id);
      this.#waiting = this.#waiting.filter((pair) => pair.session !== session);
    }
  }

  /** The model as it is now (fresh), whose history ends with what was learnt, as one epoch. Pairs that wait are not in it. */
  model(): Gru4Rec {
    const { engine } = this.#options;
    const { config, clickVocabulary, history: before } = this.#before;
    const { record } = this.#step;
    const history = [...before, ...(record ? [record] : [])];
    const itemIds = ItemIdTable.from(this.#itemIds);
    const { recentClicks } = this;
    const tensors = [
      ...this.#step.tensors(itemIds.length),
      ...this.#partTables(itemIds.length),
      ...this.#tables.flatMap(([, tables]) => tables.slots(itemIds.length)),
    ];
    return new Gru4Rec({ config, history, engine, itemIds, recentClicks, tensors, clickVocabulary });
  }

  /** A scorer of `model()`, for `evaluate`, until the next click is learnt. @param contextColumns - as of `Gru4Rec.scorer`. */
  scorer(contextColumns?: readonly ClickColumn[]): Scorer {
    const { engine } = this.#options;
    const now = new Gru4Rec({ ...this.#before, engine, itemIds: this.#itemIds, tensors: this.tables() });
    return now.scorer(contextColumns);
  }

  /** The parameters and tables as they are now, without what only learning needs, in arrays of `allocate`. */
  tables(allocate?: Allocate): StoredTensor[] {
    const tensors = this.#step.tensors(this.#itemIds.length, ['parameter', 'table'], allocate);
    return [...tensors, ...this.#partTables(this.#itemIds.length, allocate)];
  }

  #partTables(itemCount: number, allocate?: Allocate): StoredTensor[] {
    return this.#tables.flatMap(([, tables]) => tables.tables(itemCount, allocate));
  }

  /** [I] decayed clicks per item (fresh). */
  get recentClicks(): Float32Array {
    return Float32Array.from(this.#counts.subarray(0, this.#itemIds.length));
  }

  /** What another learner needs, beside `model` of the same moment, to go on from here with the same bits. */
  state(): LearnerState {
    return {
      counts: this.#counts.slice(0, this.#itemIds.length),
      countSum: this.#countSum,
      drawnBy: this.#drawnBy.slice(),
      countedMs: this.#countedMs,
      stepsSinceCount: this.#stepsSinceCount,
      itemsBefore: this.#itemsBefore,
      pairs: this.#pairs,
      dropped: this.#dropped,
      minute: this.#shares.counts,
      step: this.#step.state,
      parts: Object.fromEntries(this.#tables.flatMap(([name, { state }]) => (state ? [[name, state]] : []))),
      ...storeSessions(this.#sessions, this.#waiting, this.#step.stateLength),
    };
  }

  /** Frees the engine's memory. */
  dispose(): void {
    this.#step.dispose();
  }

  /** As {@link dispose}, for `using`. */
  [Symbol.dispose](): void {
    this.dispose();
  }

  #take({ session: id, item, timeMs, features = this.#step.noFeatures }: LearnerClick): void {
    const first = this.#waiting[0];
    if (first && timeMs - first.timeMs >= this.#options.maxWaitMs) this.flush();
    const session = this.#sessions.get(id);
    const target = this.#admit(item, session, timeMs);
    if (target === undefined) {
      this.#dropped++;
      return;
    }
    this.#count(target, timeMs);
    if (!session) {
      const state = new Float32Array(this.#step.stateLength);
      const items: number[] = [];
      this.#join(target, items);
      this.#sessions.set(id, { state, last: target, features, taught: [], items });
      return;
    }
    this.#join(target, session.items);
    this.#waiting.push({ session, input: session.last, features: session.features, target, timeMs });
    Object.assign(session, { last: target, features });
    const { sessionPairs, sessionItem } = this.#options;
    if (Number.isFinite(Math.min(sessionPairs, sessionItem))) session.taught.push(target);
    while (this.#isFull()) this.#takeStep();
  }

  #join(item: number, items: number[]): void {
    if (this.#tables.length === 0 || items.length >= MOST_ITEMS || items.includes(item)) return;
    if (!this.#shares.isUsual(item, this.#usual(item))) return;
    for (const [, tables] of this.#tables) tables.join(item, items);
    items.push(item);
  }

  /** The index of a click's item; undefined if the click is beyond a limit. */
  #admit(item: string, session: FollowedSession | undefined, timeMs: number): number | undefined {
    const { sessionPairs, sessionItem, newItems } = this.#options;
    const known = this.#itemIds.indexOf(item);
    const { taught } = session ?? { taught: [] };
    if (taught.length >= sessionPairs || taught.filter((one) => one === known).length >= sessionItem)
      return undefined;
    if (known < 0 && this.#itemIds.length >= this.#itemsBefore + newItems) return undefined;
    const index = known < 0 ? this.#itemIds.length : known;
    if (!this.#shares.take(index, this.#usual(index), timeMs, session?.last)) return undefined;
    return this.#itemIds.add(item);
  }

  #usual(item: number): number {
    return (this.#counts[item] ?? 0) / this.#countSum;
  }

  #isFull(): boolean {
    const { batchSize } = this.#options;
    if (this.#waiting.length < batchSize) return false;
    return new Set(this.#waiting.map(({ session }) => session)).size >= batchSize;
  }

  #takeStep(): void {
    const { batchSize, learningRate, epochPairs } = this.#options;
    const sessions = new Set<FollowedSession>();
    const left: WaitingPair[] = [];
    const taken: WaitingPair[] = [];
    for (const pair of this.#waiting) {
      const isTaken = taken.length < batchSize && !sessions.has(pair.session);
      sessions.add(pair.session);
      (isTaken ? taken : left).push(pair);
    }
    this.#waiting = left;
    this.#useCounts();
    const pairs = taken.map(({ session, ...pair }) => ({ ...pair, state: session.state }));
    this.#step.run(pairs, learningRate * (1 + this.#pairs / (this.#pairs + epochPairs)));
    this.#pairs += taken.length;
  }

  /** Older clicks weigh less: instead of all counts falling, the weight of a click rises; each half-life scales it back. */
  #count(item: number, timeMs: number): void {
    this.#countedMs ??= timeMs;
    if (item >= this.#counts.length) this.#counts = doubled(this.#counts);
    let weight = 2 ** ((timeMs - this.#countedMs) / this.#options.halfLifeMs);
    if (weight >= 2) {
      this.#counts = this.#counts.map((count) => count / weight);
      this.#countSum /= weight;
      [this.#countedMs, weight] = [timeMs, 1];
    }
    this.#counts[item] = (this.#counts[item] ?? 0) + weight;
    this.#countSum += weight;
  }

  #useCounts(): void {
    if (this.#itemIds.length > this.#step.rows || this.#stepsSinceCount++ >= STEPS_PER_COUNT)
      this.#drawByCounts();
  }

  #drawByCounts(): void {
    this.#stepsSinceCount = 0;
    this.#drawnBy = this.#counts.slice(0, this.#itemIds.length);
    this.#step.use(this.#drawnBy);
  }
}

function doubled(counts: Float64Array): Float64Array {
  const longer = new Float64Array(2 * counts.length + 1);
  longer.set(counts);
  return longer;
}

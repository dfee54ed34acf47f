import type { Worker } from 'node:worker_threads';
import { ItemIdTable } from '@gru4rec/dataset/ids';
import { ClickEncoder, type Probing, type TrendingClicks } from '@gru4rec/model';
import type { ItemCatalogue } from '@gru4rec/recommender';
import { LRUCache } from 'lru-cache';
import { Problem } from '../http/problem.ts';
import type { SharedModel } from '../learning/shared-model.ts';
import {
  type ClicksSince,
  type IndexRules,
  type List,
  noRules,
  type Query,
  type Source,
  type ThreadReady,
} from './messages.ts';

/** How queries are batched, and how much is held. */
export interface InferenceLimits {
  /** The most queries per batch (32). */
  readonly maxBatch: number;
  /** How long a query may wait for a batch to fill while the thread computes another (1 ms). */
  readonly maxWaitMs: number;
  /** The most queries that wait; more are refused (4,096). */
  readonly maxQueue: number;
  /** The most sessions whose hidden state is held (100,000). */
  readonly maxStates: number;
  /** A model that answers a lone question within this time answers on the event loop (0.2 ms). 0: never. */
  readonly maxLoopMs: number;
  /**
   * The most items of a model whose lists are exact (2,000,000); larger ones probe groups (`Gru4Rec.probe`), unless they learn,
   * or have freshness or features.
   */
  readonly exactItems: number;
}

export const inferenceLimits: InferenceLimits = {
  maxBatch: 32,
  maxWaitMs: 1,
  maxQueue: 4096,
  maxStates: 100_000,
  maxLoopMs: 0.2,
  exactItems: 2_000_000,
};

export interface BatchTimes {
  readonly size: number;
  readonly queueMs: readonly number[];
  readonly stepMs: number;
  readonly topMs: number;
}

export interface VersionOptions extends InferenceLimits {
  readonly onBatch?: (times: BatchTimes) => void;
  readonly onFailure?: (error: Error) => void;
}

export interface Question {
  /** Undefined for a session that is not kept. */
  readonly sessionId: string | undefined;
  readonly dropped: number;
  /**
   * [kept clicks × W] item index (−1: unknown to the model), then with features of clicks those of the click; not
   * changed later.
   */
  readonly items: readonly number[];
  readonly n: number;
  readonly rules: IndexRules;
  /** The model, if not given, and what is trending for a session without a known item. */
  readonly source?: Source | undefined;
}

const MODEL: Source = { kind: 'model' };
const TRENDING: Source = { kind: 'trending' };

export interface Waiting {
  readonly query: Query;
  readonly sinceMs: number;
  readonly settle: (answer: List | Error) => void;
}

const KEPT_IDS = 1 << 16;

export abstract class ModelVersion {
  abstract readonly place: 'thread' | 'event loop';
  readonly itemIds: ItemIdTable;
  readonly version: string;
  /** The same in all versions of one learner; else the version. */
  readonly lineage: string;
  /** Whether the model has freshness, which `follow` keeps up to date. */
  readonly isFresh: boolean;
  /** The clicks of its training, from which a server counts on. */
  readonly trending: TrendingClicks;
  readonly earlier: ThreadReady['earlier'];
  readonly hasVectors: boolean;
  /** What items can be added to: the model itself, if it has features and was read from a folder. */
  readonly base: SharedModel | undefined;
  readonly clicks: ClickEncoder | undefined;
  readonly probing: Probing | undefined;
  #catalogue: ItemCatalogue | undefined;
  /** The rules of a request that has none: one object, so that a message has it once, however many queries share it. */
  plainRules: IndexRules = noRules;
  protected readonly options: VersionOptions;
  protected readonly queue: Waiting[] = [];
  protected failure: Error | undefined;
  readonly #states: StateSlots;
  /** By place, so that answers that are remembered share the texts. */
  readonly #ids: string[];
  readonly #itemsOfIds: Int32Array;
  /** W, numbers per click. */
  readonly #width: number;

  constructor(ready: ThreadReady, options: VersionOptions) {
    this.itemIds = ItemIdTable.open(ready.ids);
    const kept = Math.min(KEPT_IDS, this.itemIds.length);
    this.#ids = new Array<string>(kept);
    this.#itemsOfIds = new Int32Array(kept).fill(-1);
    this.version = ready.checksum;
    this.lineage = ready.lineage;
    this.isFresh = ready.isFresh;
    this.trending = ready.trending;
    this.earlier = ready.earlier;
    this.hasVectors = ready.hasVectors;
    this.base = ready.base;
    this.probing = ready.probing;
    this.clicks = ready.clickVocabulary && new ClickEncoder(ready.clickVocabulary);
    this.options = options;
    this.#width = 1 + (this.clicks?.perClick ?? 0);
    this.#states = new StateSlots(options.maxStates, options.maxBatch, this.#width);
  }

  /** What the items file says of the items, if there is one. */
  get catalogue(): ItemCatalogue | undefined {
    return this.#catalogue;
  }

  useCatalogue(catalogue: ItemCatalogue): void {
    this.#catalogue = catalogue;
    this.plainRules = { ...noRules, available: catalogue.available };
  }

  idOf(item: number): string {
    const place = item % this.#ids.length;
    if (this.#itemsOfIds[place] !== item) this.#ids[place] = this.itemIds.at(item) as string;
    this.#itemsOfIds[place] = item;
    return this.#ids[place] as string;
  }

  get isFull(): boolean {
    return this.queue.length >= this.options.maxQueue;
  }

  get hasEnded(): boolean {
    return this.failure !== undefined;
  }

  /** Questions about one session are answered in order of the calls. */
  ask({ sessionId, dropped, items, n, rules, source }: Question): Promise<List> {
    if (this.failure) throw this.#failed(this.failure);
    if (this.isFull) throw new Problem(503, 'Too many requests wait');
    const { slot, reset, steps } = this.#states.advance(sessionId, dropped, items);
    const start = source ?? (knowsNone(items, this.#width) ? TRENDING : MODEL);
    const query = { slot, reset, steps, n, source: start, rules };
    return new Promise((resolve, reject) => {
      const settle = (answer: List | Error) => {
        if (!(answer instanceof Error)) return resolve(answer);
        // The state may lack clicks.
        if (sessionId !== undefined) this.forget(sessionId);
        reject(answer);
      };
      this.queue.push({ query, sinceMs: performance.now(), settle });
      this.schedule();
    });
  }

  forget(sessionId: string): void {
    this.#states.forget(sessionId);
  }

  /** Answers later questions with these clicks, in the freshness of items too, and with what is trending. */
  abstract follow(clicks: ClicksSince): void;
  /** Once its questions are answered. @returns its thread if it goes on, which the caller ends or gives another. */
  abstract close(): Promise<Worker | undefined>;

  protected abstract schedule(): void;

  protected take(count: number): Waiting[] {
    return this.queue.splice(0, count);
  }

  /** @param taken - questions that do not wait any more. */
  protected fail(error: Error, taken: readonly Waiting[]): void {
    this.failure = error;
    for (const { settle } of [...taken, ...this.take(this.queue.length)]) settle(this.#failed(error));
  }

  protected report(
    batch: readonly Waiting[],
    atMs: number,
    { stepMs, topMs }: Pick<BatchTimes, 'stepMs' | 'topMs'>,
  ): void {
    const queueMs = batch.map(({ sinceMs }) => atMs - sinceMs);
    this.options.onBatch?.({ size: batch.length, queueMs, stepMs, topMs });
  }

  #failed(cause: Error): Problem {
    const what = this.place === 'thread' ? 'The model’s thread has ended' : 'The model has failed';
    return new Problem(503, what, { cause });
  }
}

interface CachedSession {
  readonly slot: number;
  dropped: number;
  /** [kept clicks × W]: item index, −1 where the model does not know it, and features. */
  items: readonly number[];
}

/** Which slot holds the state of which session, and its clicks. Calls must reach the thread in order. */
export class StateSlots {
  readonly #capacity: number;
  readonly #free: number[] = [];
  readonly #sessions: LRUCache<string, CachedSession>;
  readonly #passing: number;
  readonly #width: number;
  #used: number;
  #passed = 0;

  /** @param passing - slots for sessions that are not kept, the first ones, used in turn. @param width - W, numbers per click. */
  constructor(capacity: number, passing: number, width = 1) {
    this.#width = width;
    this.#capacity = capacity;
    this.#passing = passing;
    this.#used = passing;
    // With `max`, a new cache of 100,000 takes 6 ms.
    const room = { maxSize: capacity, sizeCalculation: () => 1 };
    this.#sessions = new LRUCache({ ...room, dispose: ({ slot }) => this.#free.push(slot) });
  }

  /** All kept clicks if the state was dropped or has other clicks. */
  advance(
    sessionId: string | undefined,
    dropped: number,
    items: readonly number[],
  ): Pick<Query, 'slot' | 'reset' | 'steps'> {
    if (sessionId === undefined)
      return { slot: this.#passed++ % this.#passing, reset: true, steps: known(items, this.#width) };
    const cached = this.#sessions.get(sessionId);
    if (cached && continues(cached, dropped, items, this.#width)) {
      const from = cached.items.length - this.#width * (dropped - cached.dropped);
      cached.dropped = dropped;
      cached.items = items;
      return { slot: cached.slot, reset: false, steps: known(items.slice(from), this.#width) };
    }
    this.#sessions.delete(sessionId);
    if (this.#sessions.size === this.#capacity) this.#sessions.pop();
    const slot = this.#free.pop() ?? this.#used++;
    this.#sessions.set(sessionId, { slot, dropped, items });
    return { slot, reset: true, steps: known(items, this.#width) };
  }

  forget(sessionId: string): void {
    this.#sessions.delete(sessionId);
  }
}

/** Clicks that the list has dropped cannot be compared. */
function continues(
  { dropped: from, items: had }: CachedSession,
  dropped: number,
  items: readonly number[],
  width: number,
): boolean {
  const passed = width * (dropped - from);
  if (passed < 0 || had.length > passed + items.length || had.length < passed) return false;
  for (let at = passed; at < had.length; at++) if (had[at] !== items[at - passed]) return false;
  return true;
}

function known(items: readonly number[], width: number): readonly number[] {
  if (!items.includes(-1)) return items;
  return items.filter((_, at) => items[at - (at % width)] >= 0);
}

/** @param items - as of `Question`. */
export function knowsNone(items: readonly number[], width: number): boolean {
  return items.every((item, at) => at % width > 0 || item < 0);
}

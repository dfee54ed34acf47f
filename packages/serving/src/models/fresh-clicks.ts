import { halfSipHash } from '@gru4rec/dataset/ids';
import { DecayedClicks, MinuteShares, type TrendingClicks } from '@gru4rec/model';
import { LRUCache } from 'lru-cache';
import { LATEST_CLICKS } from '../event-log/restore-sessions.ts';
import type { ModelVersion } from '../inference/model-version.ts';
import { learnDefaults } from '../learning/learning.ts';
import type { ClickEvent, LoggedClick, TrafficObserver } from '../traffic.ts';

const EVERY_MS = 5000;
/** The clicks of fewer visitors on an item do not count. */
const LEAST_VISITORS = 3;
/** A longer time without clicks counts as this number of half-lives, so that the items of the training keep their order. */
const LONGEST_PAUSE = 60;

interface KeptClick {
  readonly itemId: string;
  readonly timeMs: number;
  /** Whether it is the session's first one on the item. */
  readonly isFirst: boolean;
}

interface Served {
  readonly version: ModelVersion;
  readonly trending: TrendingCounter;
  /** The clicks that the version has, and those that are counted. */
  sent: number;
  counted: number;
}

/** Sends the clicks of all sessions, and what is trending by them, to the versions that serve. */
export class FreshClicks implements TrafficObserver {
  readonly #timer: NodeJS.Timeout;
  readonly #served = new Map<string, Served>();
  /** Hashes of session and item. */
  readonly #clicked = new LRUCache<number, true>({ max: LATEST_CLICKS });
  readonly #key = crypto.getRandomValues(new Int32Array(2));
  #kept: KeptClick[] = [];
  #clicks = 0;

  constructor(everyMs: number = EVERY_MS) {
    this.#timer = setInterval(() => {
      for (const served of this.#served.values())
        if (served.version.isFresh || served.counted < this.#clicks) this.#send(served);
    }, everyMs).unref();
  }

  onClick({ sessionId, click, arrivedMs: timeMs = Date.now() }: ClickEvent | LoggedClick): void {
    const bytes = Buffer.from(`${sessionId}\n${click.item}`);
    const hash = halfSipHash(bytes, 0, bytes.length, this.#key);
    this.#kept.push({ itemId: click.item, timeMs, isFirst: !this.#clicked.has(hash) });
    this.#clicked.set(hash, true);
    this.#clicks++;
    if (this.#kept.length >= 2 * LATEST_CLICKS) this.#kept = this.#kept.slice(-LATEST_CLICKS);
  }

  /** To be called before a version serves. The counts of a learner's versions go on. */
  serve(model: string, version: ModelVersion): void {
    const before = this.#served.get(model);
    const startMs = this.#kept[0]?.timeMs ?? Date.now();
    const { trending, counted } =
      before && continues(before.version, version)
        ? before
        : { trending: new TrendingCounter(version.trending, startMs), counted: 0 };
    trending.reserve(version.itemIds.length);
    const served = { version, trending, sent: 0, counted };
    this.#served.set(model, served);
    this.#send(served);
  }

  async close(): Promise<void> {
    clearInterval(this.#timer);
  }

  #send(served: Served): void {
    const { version, trending } = served;
    const since = (clicks: number) =>
      this.#kept
        .slice(Math.max(0, this.#kept.length - (this.#clicks - clicks)))
        .map((click) => ({ ...click, item: version.itemIds.indexOf(click.itemId) }))
        .filter(({ item }) => item >= 0);
    for (const { item, timeMs, isFirst } of since(served.counted))
      if (isFirst) trending.observe(item, timeMs);
    const clicks = version.isFresh ? since(served.sent) : [];
    served.sent = this.#clicks;
    served.counted = this.#clicks;
    version.follow({
      items: Int32Array.from(clicks, ({ item }) => item),
      timesMs: Float64Array.from(clicks, ({ timeMs }) => timeMs),
      nowMs: Date.now(),
      trending: trending.read(),
    });
  }
}

/** Whether items have the same indices: those of an items file may move. */
function continues(before: ModelVersion, after: ModelVersion): boolean {
  const last = before.itemIds.length - 1;
  return before.lineage === after.lineage && after.itemIds.indexOf(before.itemIds.at(last) ?? '') === last;
}

/** Counts on from the clicks of a training, within the limits of a learner. */
export class TrendingCounter {
  readonly #counts: DecayedClicks;
  readonly #sinceMs: number;
  readonly #shares = new MinuteShares(learnDefaults.itemShare);
  /** Times of an item's clicks since the training, while they are too few. */
  readonly #first = new Map<number, readonly number[]>();
  #scores: Float32Array = new Float32Array();
  #sum = 0;
  #latestMs: number;

  /** @param startMs - time of the earliest click that it may count. */
  constructor({ clicks, halfLifeMs, lastMs }: TrendingClicks, startMs: number) {
    this.#latestMs = Math.max(lastMs ?? startMs, startMs - LONGEST_PAUSE * halfLifeMs);
    this.#sinceMs = lastMs ?? Number.NEGATIVE_INFINITY;
    this.#counts = new DecayedClicks(halfLifeMs, Float64Array.from(clicks), this.#latestMs);
    this.read();
  }

  /** Makes room for the items that a learner adds. */
  reserve(itemCount: number): void {
    const { clicks } = this.#counts;
    if (itemCount <= clicks.length) return;
    this.#counts.clicks = new Float64Array(itemCount);
    this.#counts.clicks.set(clicks);
  }

  /** Counts a session's first click on an item, unless training has. */
  observe(item: number, timeMs: number): void {
    const usual = (this.#scores[item] ?? 0) / this.#sum || 0;
    if (timeMs <= this.#sinceMs || !this.#shares.take(item, usual, timeMs, undefined)) return;
    this.#latestMs = Math.max(this.#latestMs, timeMs);
    const first = this.#first.get(item) ?? [];
    if (first.length < LEAST_VISITORS) this.#first.set(item, [...first, timeMs]);
    if (first.length + 1 < LEAST_VISITORS) return;
    for (const ms of first.length < LEAST_VISITORS ? [...first, timeMs] : [timeMs])
      this.#counts.observe(item, ms);
  }

  /** [I] decayed clicks at the time of the latest one. */
  read(): Float32Array {
    this.#scores = this.#counts.at(this.#latestMs);
    this.#sum = this.#scores.reduce((sum, count) => sum + count, 0);
    return this.#scores;
  }
}

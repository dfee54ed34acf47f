import { RandomStream, type Seed } from '@gru4rec/random';
import { createCatalogue, type ShopLogSettings } from './catalogue.ts';
import { createRelatedItems, Demand } from './demand.ts';
import { drawByWeight, runningSums, scrambledIds } from './draws.ts';
import { Visitor } from './visitor.ts';

export interface RunningVisit {
  readonly sessionId: number;
  /** It orders clicks in the same second. */
  readonly visit: number;
  readonly items: readonly number[];
  /** Seconds since 1970. */
  readonly times: readonly number[];
  /** Index of the next click. */
  next: number;
}

/** Probability of leaving after a click. On average, hurried visitors see 3.5 items, patient ones 8.3, both 5. */
const HURRIED = 0.286;
const PATIENT = 0.12;
const SHARE_PATIENT = 0.31;
const MAX_LENGTH = 200;

/** Lengths in [1, 200] of visits, geometric for two kinds of visitors. The last is cut so that they add up to the events. */
export function* visitLengths(events: number, seed: Seed): Generator<number, void> {
  const stream = new RandomStream(seed, 'synthetic.visit-lengths');
  for (let left = events; left > 0; ) {
    const leave = stream.nextFloat() < SHARE_PATIENT ? PATIENT : HURRIED;
    // Geometric by inversion: P(length > n) = (1 − leave)^n.
    const length = 1 + Math.floor(Math.log(1 - stream.nextFloat()) / Math.log(1 - leave));
    const kept = Math.min(length, MAX_LENGTH, left);
    left -= kept;
    yield kept;
  }
}

export function countVisits(events: number, seed: Seed): number {
  let visits = 0;
  for (const _ of visitLengths(events, seed)) visits++;
  return visits;
}

const SECONDS_PER_DAY = 86_400;
const SECONDS_PER_HOUR = 3_600;
/** Midnight of the first day: 2024-03-01, UTC. */
const FIRST_SECOND: number = Date.UTC(2024, 2, 1) / 1000;
/** Running sums of the visits per hour of the day, with few at night and most in the evening. */
const HOURS = runningSums(
  Float64Array.of(
    ...[14, 8, 5, 4, 4, 6, 12, 22, 32, 40, 46, 50],
    ...[54, 52, 50, 50, 52, 56, 62, 70, 78, 74, 54, 30],
  ),
);
/** Seconds on a page: log-normal with this median and spread, at least 1 and less than half an hour. */
const MEDIAN_SECONDS = 40;
const LOG_SPREAD = 1.1;
const MAX_SECONDS = 1_799;

/**
 * The fraction of the day is mapped to the same quantile of a day's visits, so a larger `elapsedDays` never gives
 * an earlier time.
 * @param elapsedDays - days ≥ 0 since the first day if visits were spread evenly.
 * @returns seconds since 1970, an integer.
 */
export function startTime(elapsedDays: number): number {
  const day = Math.floor(elapsedDays);
  const total = HOURS[HOURS.length - 1];
  const wanted = elapsedDays - day;
  const hour = drawByWeight(HOURS, 0, HOURS.length, wanted);
  const before = hour === 0 ? 0 : HOURS[hour - 1];
  const share = (wanted * total - before) / (HOURS[hour] - before);
  return FIRST_SECOND + day * SECONDS_PER_DAY + Math.floor((hour + share) * SECONDS_PER_HOUR);
}

/** An integer. */
export function dwellSeconds(stream: RandomStream): number {
  const seconds = MEDIAN_SECONDS * Math.exp(LOG_SPREAD * stream.nextNormal());
  return Math.min(MAX_SECONDS, Math.max(1, Math.round(seconds)));
}

/** Session ids are in [10⁹, 10⁹ + p), so they fit into 32 bits. p exceeds the largest number of events. */
const FIRST_SESSION_ID = 1_000_000_000;
const SESSION_PRIME = 1_073_741_789;

/**
 * In order of their start; their clicks add up to `settings.events`. Visit v starts at a random point of part v of
 * as many equal parts of the days, which `startTime` maps to the rhythm of the day.
 */
export function* generateVisits(settings: ShopLogSettings): Generator<RunningVisit, void> {
  const catalogue = createCatalogue(settings);
  const demand = new Demand(catalogue, settings);
  const shop = { catalogue, demand, related: createRelatedItems(catalogue, settings) };
  const idOf = scrambledIds(
    FIRST_SESSION_ID,
    SESSION_PRIME,
    new RandomStream(settings.seed, 'synthetic.session-ids'),
  );
  const clicks = new RandomStream(settings.seed, 'synthetic.clicks');
  const times = new RandomStream(settings.seed, 'synthetic.times');
  const { events, days, seed } = settings;
  const daysPerVisit = days / countVisits(events, seed);
  let visit = 0;
  for (const length of visitLengths(events, seed)) {
    const elapsedDays = (visit + times.nextFloat()) * daysPerVisit;
    demand.setDay(Math.floor(elapsedDays));
    yield {
      sessionId: idOf(visit),
      visit,
      items: new Visitor(shop, clicks).visit(length),
      times: clickTimes(startTime(elapsedDays), length, times),
      next: 0,
    };
    visit++;
  }
}

function clickTimes(start: number, clicks: number, stream: RandomStream): number[] {
  const times = [start];
  while (times.length < clicks) times.push(times[times.length - 1] + dwellSeconds(stream));
  return times;
}

/** A binary heap, ordered by the time of the next click. */
export class VisitQueue {
  readonly #heap: RunningVisit[] = [];

  get first(): RunningVisit | undefined {
    return this.#heap[0];
  }

  push(visit: RunningVisit): void {
    let node = this.#heap.push(visit) - 1;
    while (node > 0) {
      const parent = (node - 1) >> 1;
      if (isBefore(this.#heap[parent], visit)) break;
      this.#heap[node] = this.#heap[parent];
      node = parent;
    }
    this.#heap[node] = visit;
  }

  /** Removes the first visit if it has no more clicks. */
  advance(): void {
    const first = this.#heap[0];
    first.next++;
    if (first.next < first.items.length) {
      this.#sift(first);
      return;
    }
    const last = this.#heap.pop();
    if (last !== undefined && last !== first) this.#sift(last);
  }

  #sift(visit: RunningVisit): void {
    const heap = this.#heap;
    let node = 0;
    for (let child = 1; child < heap.length; child = 2 * node + 1) {
      if (child + 1 < heap.length && isBefore(heap[child + 1], heap[child])) child++;
      if (isBefore(visit, heap[child])) break;
      heap[node] = heap[child];
      node = child;
    }
    heap[node] = visit;
  }
}

function isBefore(a: RunningVisit, b: RunningVisit): boolean {
  const [timeA, timeB] = [a.times[a.next], b.times[b.next]];
  return timeA < timeB || (timeA === timeB && a.visit < b.visit);
}

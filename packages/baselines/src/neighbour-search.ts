import { distinctItems, type IndexSets, invert, pickSessions, sliceSessions } from '@gru4rec/batcher';
import { kthGreatest } from '@gru4rec/metrics';
import { type BaselineData, DAY_MS, startTimes } from './baseline-kind.ts';
import { sharedFloat64, sharedUpTo } from './learned-arrays.ts';

/**
 * The weights in which the session-based nearest neighbours differ. With s the current session and n a training session,
 *
 * sim(s, n) = similarity(Σ over i in s ∩ n of click(i, s), |s|, |n|) · age(n)
 * score(i)  = Σ over the neighbours n with i of sim(s, n) · lastShared(i*, s) · distance(i, i*) · item(i)
 *
 * where |s| and |n| count distinct items and i* is the item of s ∩ n that s clicked last. Clicks are numbered from 1 to the
 * length of the session in events. The position of an item is its last click, in s and in n.
 */
export interface SessionWeights {
  /** Weight of an item of s in the similarity, by its click and the length of s. */
  readonly click: (click: number, length: number) => number;
  /** Similarity, by the weight of the shared items and the numbers of distinct items of s and n. */
  readonly similarity: (shared: number, size: number, other: number) => number;
  /** Weight by the days between the starts of n and of the most recent training session. */
  readonly age: (days: number) => number;
  /** Weight by the click of i* in s and the length of s. */
  readonly lastShared: (click: number, length: number) => number;
  /** Weight by the events between i and i* in n. */
  readonly distance: (events: number) => number;
  /** Weight by the number of training sessions with i and of all training sessions. */
  readonly item: (holding: number, sessions: number) => number;
}

const one = (): number => 1;

export const EQUAL_WEIGHTS: SessionWeights = {
  click: one,
  similarity: (shared) => shared,
  age: one,
  lastShared: one,
  distance: one,
  item: one,
};

/** Numbers of sessions that a session-based nearest neighbour considers. */
export interface NeighbourhoodOptions {
  /** k, the most similar sessions of the sample, whose items are scored. */
  readonly neighbours?: number;
  /** m, size of the sample: the most recent training sessions that share an item with the current session. */
  readonly sampleSize?: number;
  /** Training sessions to index, those that start last: all if not given. The others count for the popularity of items only. */
  readonly indexSessions?: number;
}

/** Training sessions numbered by their start, from 0 for the earliest, so that a greater number is more recent. */
export interface SessionIndex {
  /** The distinct items of each session, in order of first click. */
  readonly itemsOf: IndexSets;
  /** [members of `itemsOf`] event of its session, from 0, of the item's last click. */
  readonly lastClicks: Uint16Array | Int32Array;
  /** The sessions with each item, ascending. */
  readonly sessionsOf: IndexSets;
  /** [sessions] days from the start of the session to that of the most recent one. */
  readonly ages: Float64Array;
}

/**
 * Orders the `most` training sessions that start last by time, and finds the sessions with each item. Memory is 12 bytes per
 * session, 10 per distinct item of a session (12 if a session has 65,537 events or more) and 4 per item.
 */
export function indexSessions(data: BaselineData, most: number = Number.POSITIVE_INFINITY): SessionIndex {
  const itemCount = data.support.length;
  const { sessionOffsets, items } = data.train;
  const train = mostRecent({ sessionOffsets, items, sessionStartTimes: startTimes(data) }, most);
  const itemsOf = distinctItems(train.sessionOffsets, train.items, itemCount);
  return {
    itemsOf,
    lastClicks: findLastClicks(train, itemsOf, itemCount),
    sessionsOf: invert(itemsOf, itemCount),
    ages: agesOf(train.sessionStartTimes),
  };
}

type Sessions = Required<BaselineData['train']>;

function mostRecent(train: Sessions, most: number): Sessions {
  const { sessionOffsets, items, sessionStartTimes: starts } = train;
  const first = Math.max(0, starts.length - most);
  if (!isAscending(starts)) {
    const order = orderByStart(starts).subarray(first);
    const sessionStartTimes = new Float64Array(order.length).map((_, place) => starts[order[place]]);
    return { ...pickSessions({ sessionOffsets, items }, order), sessionStartTimes };
  }
  if (first === 0) return train;
  const latest = sliceSessions({ sessionOffsets, items }, first, starts.length);
  return { ...latest, sessionStartTimes: starts.subarray(first) };
}

function isAscending(starts: Float64Array): boolean {
  for (let session = 1; session < starts.length; session++)
    if (starts[session] < starts[session - 1]) return false;
  return true;
}

function orderByStart(starts: Float64Array): Int32Array {
  return Int32Array.from(starts.keys()).sort((a, b) => starts[a] - starts[b] || a - b);
}

function findLastClicks(
  { sessionOffsets, items }: Sessions,
  { offsets, members }: IndexSets,
  itemCount: number,
): SessionIndex['lastClicks'] {
  const lastClicks = sharedUpTo(longestOf(sessionOffsets) - 1, members.length);
  const lastOf = new Int32Array(itemCount);
  for (let session = 0; session + 1 < offsets.length; session++) {
    const start = sessionOffsets[session];
    for (let event = start; event < sessionOffsets[session + 1]; event++)
      lastOf[items[event]] = event - start;
    for (let at = offsets[session]; at < offsets[session + 1]; at++) lastClicks[at] = lastOf[members[at]];
  }
  return lastClicks;
}

function longestOf(sessionOffsets: Int32Array): number {
  let longest = 0;
  for (let session = 1; session < sessionOffsets.length; session++)
    longest = Math.max(longest, sessionOffsets[session] - sessionOffsets[session - 1]);
  return longest;
}

function agesOf(starts: Float64Array): Float64Array {
  const ages = sharedFloat64(starts.length);
  const latest = starts[starts.length - 1];
  for (let session = 0; session < ages.length; session++) ages[session] = (latest - starts[session]) / DAY_MS;
  return ages;
}

export interface WeighedIndex extends Omit<SessionIndex, 'ages'> {
  readonly ageWeights: Float64Array;
  readonly itemWeights: Float64Array;
}

/** Weights sessions by their age, and items by how rare they are. The ages of the index become the weights. */
export function weighIndex({ ages, ...index }: SessionIndex, weights: SessionWeights): WeighedIndex {
  const ageWeights = ages;
  for (let session = 0; session < ages.length; session++) ageWeights[session] = weights.age(ages[session]);
  const { offsets } = index.sessionsOf;
  const itemWeights = sharedFloat64(offsets.length - 1);
  for (let item = 0; item < itemWeights.length; item++)
    itemWeights[item] = weights.item(offsets[item + 1] - offsets[item], ages.length);
  return { ...index, ageWeights, itemWeights };
}

/** The distinct items of an open session, in order of their last click. */
export class ClickedItems {
  /** Items with the event, from 1, of their last click; ascending by event. */
  readonly lastClicks: Map<number, number> = new Map();
  length = 0;

  add(item: number): void {
    this.lastClicks.delete(item);
    this.lastClicks.set(item, ++this.length);
  }

  lastClickOf(item: number): number {
    return this.lastClicks.get(item) ?? 0;
  }

  clear(): void {
    this.lastClicks.clear();
    this.length = 0;
  }
}

/**
 * Finds the training sessions most similar to a session: of the m most recent that share an item with it, the k with the
 * greatest similarity, equal ones by recency. It merges the items' lists of sessions from their recent ends in m · (distinct
 * items of the session) steps.
 */
export class NeighbourSearch {
  found = 0;
  /** [found] session numbers of the index, most recent first. */
  readonly sessions: Int32Array;
  /** [found], > 0. */
  readonly similarities: Float64Array;
  /** [found] the shared item that the searched session clicked last. */
  readonly lastShared: Int32Array;
  readonly #index: WeighedIndex;
  readonly #weights: SessionWeights;
  readonly #neighbours: number;
  readonly #sampleSize: number;
  readonly #parted: Float64Array;
  #lists: ItemLists = makeLists(16);

  constructor(
    index: WeighedIndex,
    weights: SessionWeights,
    size: Required<Omit<NeighbourhoodOptions, 'indexSessions'>>,
  ) {
    const sampled = Math.min(size.sampleSize, index.ageWeights.length);
    this.sessions = new Int32Array(sampled);
    this.similarities = new Float64Array(sampled);
    this.lastShared = new Int32Array(sampled);
    this.#index = index;
    this.#weights = weights;
    this.#neighbours = size.neighbours;
    this.#sampleSize = sampled;
    this.#parted = new Float64Array(sampled);
  }

  /** Overwrites the results of the previous search. Sessions of similarity 0 are not neighbours. */
  find(session: ClickedItems): void {
    this.#openLists(session);
    this.#sample(session.lastClicks.size);
    if (this.found > this.#neighbours) this.#keepMostSimilar();
  }

  #openLists({ lastClicks, length }: ClickedItems): void {
    const { offsets, members } = this.#index.sessionsOf;
    if (lastClicks.size > this.#lists.heads.length) this.#lists = makeLists(2 * lastClicks.size);
    const { items, weights, starts, ends, heads } = this.#lists;
    let list = 0;
    for (const [item, click] of lastClicks) {
      items[list] = item;
      weights[list] = this.#weights.click(click, length);
      starts[list] = offsets[item];
      ends[list] = offsets[item + 1];
      heads[list] = ends[list] > starts[list] ? members[ends[list] - 1] : -1;
      list++;
    }
  }

  #sample(lists: number): void {
    const { sessions, similarities, lastShared } = this;
    const { ageWeights, itemsOf } = this.#index;
    const { offsets } = itemsOf;
    this.found = 0;
    for (let sampled = 0; sampled < this.#sampleSize; sampled++) {
      const session = this.#mostRecent(lists);
      if (session < 0) return;
      const { shared, last } = this.#takeFrom(lists, session);
      const items = offsets[session + 1] - offsets[session];
      const similarity = this.#weights.similarity(shared, lists, items) * ageWeights[session];
      if (!(similarity > 0)) continue;
      sessions[this.found] = session;
      similarities[this.found] = similarity;
      lastShared[this.found++] = last;
    }
  }

  #mostRecent(lists: number): number {
    const { heads } = this.#lists;
    let session = -1;
    for (let list = 0; list < lists; list++) if (heads[list] > session) session = heads[list];
    return session;
  }

  /** Removes a session from the end of each list that has it. */
  #takeFrom(lists: number, session: number): { shared: number; last: number } {
    const { members } = this.#index.sessionsOf;
    const { items, weights, starts, ends, heads } = this.#lists;
    let shared = 0;
    let last = -1;
    for (let list = 0; list < lists; list++) {
      if (heads[list] !== session) continue;
      shared += weights[list];
      last = items[list];
      heads[list] = --ends[list] > starts[list] ? members[ends[list] - 1] : -1;
    }
    return { shared, last };
  }

  #keepMostSimilar(): void {
    const { sessions, similarities, lastShared } = this;
    const parted = this.#parted.subarray(0, this.found);
    parted.set(similarities.subarray(0, this.found));
    const least = kthGreatest(parted, this.#neighbours);
    let ties = this.#neighbours;
    for (let place = 0; place < this.#neighbours; place++) if (parted[place] > least) ties--;
    let kept = 0;
    for (let place = 0; place < this.found; place++) {
      if (similarities[place] < least || (similarities[place] === least && ties-- <= 0)) continue;
      sessions[kept] = sessions[place];
      similarities[kept] = similarities[place];
      lastShared[kept++] = lastShared[place];
    }
    this.found = kept;
  }
}

/** The unread part of the list of sessions per distinct item of the searched session, in order of last click. */
interface ItemLists {
  readonly items: Int32Array;
  readonly weights: Float64Array;
  readonly starts: Int32Array;
  readonly ends: Int32Array;
  readonly heads: Int32Array;
}

function makeLists(capacity: number): ItemLists {
  return {
    items: new Int32Array(capacity),
    weights: new Float64Array(capacity),
    starts: new Int32Array(capacity),
    ends: new Int32Array(capacity),
    heads: new Int32Array(capacity),
  };
}

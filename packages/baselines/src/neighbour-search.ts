import type { ClickedItems } from './clicked-items.ts';
import type { NeighbourhoodOptions } from './neighbourhood.ts';
import type { SessionWeights } from './session-weights.ts';
import type { WeighedIndex } from './weighed-index.ts';

/**
 * Finds the training sessions most similar to a session: of the m most recent that share an item with it, the k with the
 * greatest similarity, equal ones by recency.
 *
 * It merges the items' lists of sessions from their recent ends, so that a search takes m · (distinct items of the session)
 * steps and one sort of m numbers, independent of the number of training sessions.
 */
export class NeighbourSearch {
  /** Number of neighbours that the last search found. */
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
  readonly #sorted: Float64Array;
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
    this.#sorted = new Float64Array(sampled);
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
    const sorted = this.#sorted.subarray(0, this.found);
    sorted.set(similarities.subarray(0, this.found));
    sorted.sort();
    const least = sorted[this.found - this.#neighbours];
    let ties = this.#neighbours - (this.found - firstAbove(sorted, least));
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
  /** The most recent unread session, −1 if there is none. */
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

function firstAbove(sorted: Float64Array, value: number): number {
  let place = sorted.length;
  while (place > 0 && sorted[place - 1] > value) place--;
  return place;
}

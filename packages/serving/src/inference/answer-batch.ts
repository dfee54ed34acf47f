import { type ExcludedItems, type Scores, topItems, topItemsByGroup } from '@gru4rec/metrics';
import type { LiveEngine } from '@gru4rec/model';
import type { AnswerBatch, Catalogue, QueryBatch } from './messages.ts';
import { type DecodedQuery, decodeQueries } from './query-codec.ts';

/** Scoring a single item takes ten times its share of scoring all of them. */
const FEW = 10;

/** A model in its thread. */
export interface ThreadModel {
  readonly live: LiveEngine;
  readonly itemCount: number;
  /** [I] scores of a session without a known item. */
  readonly popularity: Scores;
  /** The most sessions per engine call. */
  readonly maxBatch: number;
}

/** Answers batches in an inference thread. Holds the hidden states. */
export class BatchAnswerer {
  readonly #model: ThreadModel;
  readonly #states: Float32Array[] = [];
  #catalogue: Catalogue | undefined;

  constructor(model: ThreadModel) {
    this.#model = model;
    model.live.reserve(model.maxBatch);
  }

  /** Rules of the items file from the next batch on. */
  set catalogue(catalogue: Catalogue | undefined) {
    this.#catalogue = catalogue;
  }

  /** Answers queries in order, as if they came one by one. */
  answer(batch: QueryBatch): AnswerBatch {
    const found = new Found(batch.count);
    let stepMs = 0;
    let topMs = 0;
    for (const wave of wavesOf(decodeQueries(batch))) {
      const start = performance.now();
      this.#step(wave);
      const stepped = performance.now();
      for (const query of wave) this.#find(query, found);
      stepMs += stepped - start;
      topMs += performance.now() - stepped;
    }
    return { kind: 'answers', ...found.arrays(), stepMs, topMs };
  }

  /** Advances the states of distinct slots: the k-th clicks of all of them together. */
  #step(wave: readonly DecodedQuery[]): void {
    for (const { slot, reset } of wave) if (reset) this.#state(slot).fill(0);
    let round = 0;
    let left = wave.filter(({ steps }) => steps.length > 0);
    while (left.length > 0) {
      const events = left.map(({ slot, steps }) => ({ state: this.#state(slot), item: steps[round] }));
      this.#model.live.advance(events);
      round++;
      left = left.filter(({ steps }) => steps.length > round);
    }
  }

  #state(slot: number): Float32Array {
    this.#states[slot] ??= new Float32Array(this.#model.live.stateLength);
    return this.#states[slot];
  }

  #find(query: DecodedQuery, found: Found): void {
    const best = query.n > 0 ? this.#best(query) : NOTHING;
    const scored = query.scored.length > 0 ? this.#scoresOf(query, query.scored) : new Float64Array();
    found.add(best, { items: query.scored, scores: scored });
  }

  #best(query: DecodedQuery): ScoredItems {
    const { allowed } = query;
    const excluded = this.#excluded(query);
    if (allowed && allowed.length * FEW < this.#model.itemCount) {
      // Ascending, so that equal scores are ordered by position as by index.
      const items = allowed.filter((item) => !excluded.has(item)).sort();
      const scores = this.#scoresOf(query, items);
      const places = this.#pick(query, scores, { excluded: NONE, itemAt: (place) => items[place] });
      return { items: places.map((place) => items[place]), scores: pickScores(scores, places) };
    }
    const only = allowed && new Set(allowed);
    const outside = only ? { has: (item: number) => excluded.has(item) || !only.has(item) } : excluded;
    const scores = this.#allScores(query);
    const items = this.#pick(query, scores, { excluded: outside, itemAt: (item) => item });
    return { items, scores: pickScores(scores, items) };
  }

  #pick(
    query: DecodedQuery,
    scores: Scores,
    { excluded, itemAt }: { excluded: ExcludedItems; itemAt: (place: number) => number },
  ): Int32Array {
    const { n, maxPerGroup } = query;
    if (maxPerGroup === 0) return topItems(scores, n, excluded);
    const groupOfItem = this.#groupOf(query);
    const groupOf = (place: number) => groupOfItem(itemAt(place));
    return topItemsByGroup(scores, n, { groupOf, maxPerGroup, excluded });
  }

  #excluded({ excluded }: DecodedQuery): ExcludedItems {
    const items = new Set(excluded);
    const available = this.#catalogue?.available;
    return available ? { has: (item) => available[item] === 0 || items.has(item) } : items;
  }

  #groupOf({ grouped, groups }: DecodedQuery): (item: number) => number | undefined {
    if (grouped && groups) {
      const byItem = new Map(Array.from(grouped, (item, at) => [item, groups[at]]));
      return (item) => byItem.get(item);
    }
    const ofCatalogue = this.#catalogue?.groups;
    return (item) => (ofCatalogue && ofCatalogue[item] >= 0 ? ofCatalogue[item] : undefined);
  }

  /** Scores of all items with boosts; valid until the next query. */
  #allScores(query: DecodedQuery): Scores {
    const { live, popularity, itemCount } = this.#model;
    const scores = query.fallback ? popularity : live.scoreAll(this.#state(query.slot));
    const boost = this.#boostOf(query);
    if (!boost) return scores;
    return Float64Array.from({ length: itemCount }, (_, item) => scores[item] + boost(item));
  }

  #scoresOf(query: DecodedQuery, items: Int32Array): Float64Array {
    const { live, popularity } = this.#model;
    const scores = query.fallback
      ? Float64Array.from(items, (item) => popularity[item])
      : live.scoreItems(this.#state(query.slot), items);
    const boost = this.#boostOf(query);
    return boost ? scores.map((score, at) => score + boost(items[at])) : scores;
  }

  #boostOf(query: DecodedQuery): ((item: number) => number) | undefined {
    const { itemBoosts, groupBoosts } = query;
    if (itemBoosts.keys.length + groupBoosts.keys.length === 0) return undefined;
    const [ofItem, ofGroup] = [itemBoosts, groupBoosts].map(
      ({ keys, values }) => new Map(Array.from(keys, (key, at) => [key, values[at]])),
    );
    const groupOf = this.#groupOf(query);
    return (item) => (ofItem.get(item) ?? 0) + (ofGroup.get(groupOf(item) ?? -1) ?? 0);
  }
}

const NONE: ExcludedItems = new Set();

interface ScoredItems {
  readonly items: Int32Array;
  readonly scores: Float64Array;
}

const NOTHING: ScoredItems = { items: new Int32Array(), scores: new Float64Array() };

function pickScores(scores: Scores, places: Int32Array): Float64Array {
  return Float64Array.from(places, (place) => scores[place]);
}

/** Splits queries, in order, so that no session is twice in a wave. */
function wavesOf(queries: readonly DecodedQuery[]): DecodedQuery[][] {
  const waves: DecodedQuery[][] = [];
  const slots = new Set<number>();
  for (const query of queries) {
    if (waves.length === 0 || slots.has(query.slot)) {
      slots.clear();
      waves.push([]);
    }
    slots.add(query.slot);
    waves.at(-1)?.push(query);
  }
  return waves;
}

/** The answers of a batch so far. */
class Found {
  readonly #counts: Int32Array;
  readonly #parts: ScoredItems[] = [];
  #length = 0;

  constructor(queries: number) {
    this.#counts = new Int32Array(2 * queries);
  }

  add(best: ScoredItems, scored: ScoredItems): void {
    for (const part of [best, scored]) {
      this.#counts[this.#parts.length] = part.items.length;
      this.#length += part.items.length;
      this.#parts.push(part);
    }
  }

  arrays(): Pick<AnswerBatch, 'counts' | 'items' | 'scores'> {
    const items = new Int32Array(this.#length);
    const scores = new Float64Array(this.#length);
    let at = 0;
    for (const part of this.#parts) {
      items.set(part.items, at);
      scores.set(part.scores, at);
      at += part.items.length;
    }
    return { counts: this.#counts, items, scores };
  }
}

import { type ExcludedItems, type Scores, topItems, topItemsByGroup } from '@gru4rec/metrics';
import { type LivePrograms, listLengths } from '@gru4rec/model';
import type { AnswerBatch, Catalogue, QueryBatch } from './messages.ts';
import { type DecodedQuery, decodeQueries } from './query-codec.ts';

/** Scoring a single item takes ten times its share of scoring all of them. */
const FEW = 10;

/** How many times more items to list where a limit per group excludes some of them. */
const SPARE = 4;

/** A model in its thread. */
export interface ThreadModel {
  readonly live: LivePrograms;
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
  #availableShare = 1;

  constructor(model: ThreadModel) {
    this.#model = model;
    model.live.reserve(model.maxBatch);
  }

  /** Rules of the items file from the next batch on. */
  set catalogue(catalogue: Catalogue | undefined) {
    this.#catalogue = catalogue;
    const available = catalogue?.available.reduce((sum, one) => sum + one, 0) ?? 1;
    this.#availableShare = Math.max(1, available) / (catalogue?.available.length ?? 1);
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
      this.#find(wave, found);
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

  /** Finds the answers of a wave; lists of items are found for several sessions at once. */
  #find(wave: readonly DecodedQuery[], found: Found): void {
    const lists = this.#listBest(wave);
    for (const query of wave) {
      const best = query.n > 0 ? this.#best(query, lists.get(query)) : NOTHING;
      const scored = query.scored.length > 0 ? this.#scoresOf(query, query.scored) : new Float64Array();
      found.add(best, { items: query.scored, scores: scored });
    }
  }

  /** Lists more of the best items than are wanted, because the rules exclude some. Not where rules change scores. */
  #listBest(wave: readonly DecodedQuery[]): ReadonlyMap<DecodedQuery, ScoredItems> {
    const byLength = new Map<number, DecodedQuery[]>();
    for (const query of wave) {
      const { n, allowed, fallback, itemBoosts, groupBoosts, maxPerGroup, excluded } = query;
      if (n === 0 || fallback || allowed || itemBoosts.keys.length + groupBoosts.keys.length > 0) continue;
      const wanted = (n / this.#availableShare) * (maxPerGroup > 0 ? SPARE : 1) + excluded.length;
      const length = listLengths.find((most) => most >= wanted);
      if (length !== undefined) byLength.set(length, [...(byLength.get(length) ?? []), query]);
    }
    const lists = new Map<DecodedQuery, ScoredItems>();
    for (const [length, queries] of byLength) {
      const best = this.#model.live.best(
        queries.map(({ slot }) => this.#state(slot)),
        Math.min(length, this.#model.itemCount),
      );
      for (const [at, list] of (best ?? []).entries()) lists.set(queries[at], list);
    }
    return lists;
  }

  #best(query: DecodedQuery, list: ScoredItems | undefined): ScoredItems {
    const { allowed, n } = query;
    const excluded = this.#excluded(query);
    const few = allowed && allowed.length * FEW < this.#model.itemCount;
    // Ascending, so that equal scores are ordered by position as by index.
    const items = few ? allowed.filter((item) => !excluded.has(item)).sort() : undefined;
    const listed = items ? { items, scores: this.#scoresOf(query, items) } : list;
    if (listed) {
      const found = this.#pickListed(query, listed, excluded);
      if (items || found.items.length === n || listed.items.length === this.#model.itemCount) return found;
    }
    const only = allowed && new Set(allowed);
    const outside = only ? { has: (item: number) => excluded.has(item) || !only.has(item) } : excluded;
    const scores = this.#allScores(query);
    const best = this.#pick(query, scores, { excluded: outside, itemAt: (item) => item });
    return { items: best, scores: pickScores(scores, best) };
  }

  #pickListed(query: DecodedQuery, { items, scores }: ScoredItems, excluded: ExcludedItems): ScoredItems {
    const itemAt = (place: number) => items[place];
    const isOut = { has: (place: number) => excluded.has(itemAt(place)) };
    const places = this.#pick(query, scores, { excluded: isOut, itemAt });
    return { items: places.map(itemAt), scores: pickScores(scores, places) };
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

import { type RowScale, rowScale, SCALED_HEAD, scaledValue } from '@gru4rec/baselines';
import { type Scorer, type Scores, type ScoringSession, topItems } from '@gru4rec/metrics';
import type { BestItems, LiveEvent, LivePrograms } from '@gru4rec/model';

/**
 * Live sessions of any scorer. A state holds the latest clicks; an answer follows them and scores the last one. With at most
 * `MOST_CLICKS` clicks, the scores are exactly those of the scorer; a longer session is scored as if it began later.
 *
 * The row of the latest state is kept, so that all questions about one session in turn take one pass over its clicks.
 */
export class ScorerPrograms implements LivePrograms {
  readonly stateLength: number = CLICKS_LENGTH;
  readonly #session: ScoringSession;
  #clicks: Int32Array = new Int32Array();
  #row: Scores;
  readonly #itemCount: number;

  constructor(scorer: Scorer) {
    this.#session = scorer.open(1);
    this.#itemCount = scorer.itemCount;
    this.#row = new Float64Array();
  }

  reserve(): void {}

  advance(events: readonly LiveEvent[]): void {
    for (const { state, item } of events) addClick(state, item);
  }

  scoreAll(state: Float32Array): Scores {
    const clicks = clicksIn(state);
    if (clicks.length === 0) return new Float64Array(this.#itemCount);
    if (!areEqual(clicks, this.#clicks)) this.#score(clicks);
    return this.#row;
  }

  best(states: readonly Float32Array[], count: number): BestItems[] {
    return states.map((state) => {
      const row = this.scoreAll(state);
      const most = Math.min(count, row.length);
      const items = clicksIn(state).length > 0 ? this.#session.top?.(0, most).slice() : undefined;
      return listOf(row, items ?? topItems(row, most));
    });
  }

  scoreItems(state: Float32Array, items: Int32Array): Float64Array {
    return scoresAt(this.scoreAll(state), items);
  }

  #score(clicks: Int32Array): void {
    const session = this.#session;
    this.#clicks = clicks.slice();
    for (const [at, item] of clicks.entries()) {
      if (session.follow && at < clicks.length - 1) session.follow(...event(item, at));
      else this.#row = session.step(...event(item, at));
    }
  }
}

function event(item: number, at: number): [Int32Array, Float32Array] {
  return [Int32Array.of(item), Float32Array.of(at === 0 ? 1 : 0)];
}

function listOf(row: Scores, items: Int32Array): BestItems {
  return { items, scores: scoresAt(row, items) };
}

function scoresAt(row: Scores, items: Int32Array): Float64Array {
  return Float64Array.from(items, (item) => row[item]);
}

function areEqual(first: Int32Array, second: Int32Array): boolean {
  return first.length === second.length && first.every((item, at) => item === second[at]);
}

/** Clicks of a session that a baseline scores by, the latest ones: as many as `serve` keeps by default. */
export const MOST_CLICKS = 200;

const CLICKS_LENGTH: number = 1 + MOST_CLICKS;

/**
 * The latest clicks of a session, oldest first, a view of its state: their number, then the items. The bits are those
 * of integers, so that zeros are a session without a click, and a state can be copied as floats.
 */
function clicksIn({ buffer, byteOffset }: Float32Array): Int32Array {
  const [count] = new Int32Array(buffer, byteOffset, 1);
  return new Int32Array(buffer, byteOffset + 4, count);
}

/** Adds a click to the state of a session. The oldest one is dropped if there are `MOST_CLICKS`. */
function addClick({ buffer, byteOffset }: Float32Array, item: number): void {
  const words = new Int32Array(buffer, byteOffset, CLICKS_LENGTH);
  if (words[0] === MOST_CLICKS) words.copyWithin(1, 2);
  else words[0]++;
  words[words[0]] = item;
}

/** The best items of a session's row by one part of a mix. */
interface PartList {
  readonly items: Int32Array;
  readonly scores: Float64Array;
  /** The score that no other item exceeds; −Infinity if there is none. */
  readonly others: number;
  readonly scale: RowScale;
}

/** @param list - the best items of a row, best first, at least its head (`SCALED_HEAD`). */
function sortedList({ items, scores }: BestItems, itemCount: number): PartList {
  const { length } = scores;
  const scale = rowScale(scores[0], scores[Math.min(SCALED_HEAD, length) - 1]);
  return { items, scores, others: length < itemCount ? scores[length - 1] : Number.NEGATIVE_INFINITY, scale };
}

type ScoreSome = (part: number, items: Int32Array) => Float64Array;

/** A value by `score` is above this, or equal to it at a score of −Infinity. */
const LEAST_VALUE = -1;

/** Finds the best items of a mix in lists of the best items of its parts. Has memory for one session. */
class MixedLists {
  readonly #weights: readonly number[];
  /** [I] place among the candidates of the current call, if `#call` has its number. */
  readonly #places: Int32Array;
  /** Exact up to 2^53 calls. */
  readonly #calls: Float64Array;
  #call = 0;

  constructor(weights: readonly number[], itemCount: number) {
    this.#weights = weights;
    this.#places = new Int32Array(itemCount);
    this.#calls = new Float64Array(itemCount);
  }

  /** Undefined if an item that no list has could be among the best. */
  best(lists: readonly PartList[], count: number, scoreSome: ScoreSome): BestItems | undefined {
    const wanted = Math.min(count, this.#places.length);
    const items = this.#union(lists);
    // With the list of a part that has all items, every item is a candidate.
    const isOpen = lists.every((list) => list.items.length < this.#places.length);
    if (items.length < wanted) return undefined;
    const values = this.#valuesOf(lists, items.length);
    const last = lists.map(({ others, scale }) => scaledValue(others, scale));
    const kept = orderedBy(items, this.#canBeBest(values, last, wanted));
    this.#complete(values, { lists, items, kept, scoreSome });
    const mixed = new Float64Array(kept.length);
    for (let at = 0; at < kept.length; at++) mixed[at] = this.#sum(values, kept[at], last);
    const best = topItems(mixed, wanted);
    const unlisted = this.#weights.reduce((sum, weight, part) => sum + weight * last[part], 0);
    if (isOpen && !(mixed[best[wanted - 1]] > unlisted)) return undefined;
    return { items: best.map((at) => items[kept[at]]), scores: Float64Array.from(best, (at) => mixed[at]) };
  }

  #union(lists: readonly PartList[]): Int32Array {
    this.#call++;
    const most = lists.reduce((sum, list) => sum + list.items.length, 0);
    const union = new Int32Array(most);
    let size = 0;
    for (const { items } of lists) {
      for (const item of items) {
        if (this.#calls[item] === this.#call) continue;
        this.#calls[item] = this.#call;
        this.#places[item] = size;
        union[size++] = item;
      }
    }
    return union.subarray(0, size);
  }

  /** [parts] of [candidates] values, NaN where a part does not list the candidate. */
  #valuesOf(lists: readonly PartList[], candidates: number): Float64Array[] {
    return lists.map(({ items, scores, scale }) => {
      const values = new Float64Array(candidates).fill(Number.NaN);
      for (let at = 0; at < items.length; at++) {
        values[this.#places[items[at]]] = scaledValue(scores[at], scale);
      }
      return values;
    });
  }

  /** The places of candidates that can be among the best, whatever the values are that no list has. */
  #canBeBest(values: readonly Float64Array[], last: readonly number[], wanted: number): Int32Array {
    const candidates = values[0].length;
    const lower = new Float64Array(candidates);
    const least = last.map(() => LEAST_VALUE);
    for (let place = 0; place < candidates; place++) lower[place] = this.#sum(values, place, least);
    const bound = lower[topItems(lower, wanted)[wanted - 1]];
    const kept = new Int32Array(candidates);
    let size = 0;
    for (let place = 0; place < candidates; place++) {
      if (this.#sum(values, place, last) >= bound) kept[size++] = place;
    }
    return kept.subarray(0, size);
  }

  #complete(
    values: readonly Float64Array[],
    {
      lists,
      items,
      kept,
      scoreSome,
    }: {
      readonly lists: readonly PartList[];
      readonly items: Int32Array;
      readonly kept: Int32Array;
      readonly scoreSome: ScoreSome;
    },
  ): void {
    for (const [part, value] of values.entries()) {
      const unknown = kept.filter((place) => Number.isNaN(value[place]));
      if (unknown.length === 0) continue;
      const { scale } = lists[part];
      const scores = scoreSome(
        part,
        unknown.map((place) => items[place]),
      );
      for (let at = 0; at < unknown.length; at++) value[unknown[at]] = scaledValue(scores[at], scale);
    }
  }

  /** Σ weight · value in the order of `mix`, with these values where they are not known. */
  #sum(values: readonly Float64Array[], place: number, unknown: readonly number[]): number {
    let sum = 0;
    for (let part = 0; part < values.length; part++) {
      const value = values[part][place];
      sum += this.#weights[part] * (Number.isNaN(value) ? unknown[part] : value);
    }
    return sum;
  }
}

/** The places by the item index at each, ascending: sorted as numbers, which typed arrays do natively. */
function orderedBy(items: Int32Array, places: Int32Array): Int32Array {
  const count = items.length;
  const keys = new Float64Array(places.length);
  for (let at = 0; at < keys.length; at++) keys[at] = items[places[at]] * count + places[at];
  keys.sort();
  for (let at = 0; at < keys.length; at++) places[at] = keys[at] % count;
  return places;
}

export interface MixPart {
  readonly live: LivePrograms;
  readonly weight: number;
}

/** Lengths that are tried: the first suffices for 20 items of most sessions. */
const LIST_LENGTHS = [128, 256, 2048];

/**
 * Live sessions of a mix by `score` of any parts, with exactly the scores of `mix` of baselines. A state is the states of
 * the parts, one after the other.
 *
 * The best items come from lists of the parts' best items: an item that no list has cannot be better than the last of every
 * list (the threshold algorithm: Fagin, Lotem, Naor 2003). What the lists leave open is scored item by item.
 */
export class MixPrograms implements LivePrograms {
  readonly stateLength: number;
  readonly #parts: readonly MixPart[];
  /** [parts + 1] where the state of each part starts. */
  readonly #starts: readonly number[];
  readonly #lists: MixedLists;
  readonly #row: Float64Array;

  constructor(parts: readonly MixPart[], itemCount: number) {
    this.#parts = parts;
    const starts = [0];
    for (const [part, { live }] of parts.entries()) starts.push(starts[part] + live.stateLength);
    this.#starts = starts;
    this.stateLength = starts[parts.length];
    this.#lists = new MixedLists(
      parts.map(({ weight }) => weight),
      itemCount,
    );
    this.#row = new Float64Array(itemCount);
  }

  /** Those of the first part that has some. */
  get vectors(): LivePrograms['vectors'] {
    return this.#parts.find(({ live }) => live.vectors)?.live.vectors;
  }

  reserve(slots: number): void {
    for (const { live } of this.#parts) live.reserve(slots);
  }

  advance(events: readonly LiveEvent[]): void {
    for (const [part, { live }] of this.#parts.entries()) {
      live.advance(events.map((event) => ({ ...event, state: this.#stateOf(event.state, part) })));
    }
  }

  scoreAll(state: Float32Array): Scores {
    const row = this.#row.fill(0);
    for (const [part, { live, weight }] of this.#parts.entries()) {
      const scores = live.scoreAll(this.#stateOf(state, part));
      const scale = scaleOfRow(scores);
      for (let item = 0; item < row.length; item++) row[item] += weight * scaledValue(scores[item], scale);
    }
    return row;
  }

  best(states: readonly Float32Array[], count: number): BestItems[] | undefined {
    const found: (BestItems | undefined)[] = states.map(() => undefined);
    for (const length of LIST_LENGTHS.filter((each) => each >= count)) {
      const open = states.flatMap((_, at) => (found[at] ? [] : at));
      const lists = this.#listsOf(
        open.map((at) => states[at]),
        length,
      );
      for (const [place, at] of open.entries()) found[at] = this.#mixed(states[at], lists(place), count);
    }
    return found.every((list) => list !== undefined) ? found : undefined;
  }

  scoreItems(state: Float32Array, items: Int32Array): Float64Array {
    const mixed = new Float64Array(items.length);
    for (const [place, part] of this.#parts.entries()) {
      const partState = this.#stateOf(state, place);
      const scale = this.#scale(part, partState);
      const scores = part.live.scoreItems(partState, items);
      for (let at = 0; at < items.length; at++) mixed[at] += part.weight * scaledValue(scores[at], scale);
    }
    return mixed;
  }

  #scale({ live }: MixPart, state: Float32Array): RowScale {
    const most = Math.min(SCALED_HEAD, this.#row.length);
    const [head] = live.best([state], most) ?? [];
    return head ? sortedList(head, this.#row.length).scale : scaleOfRow(live.scoreAll(state));
  }

  /** @returns the lists of the parts for the session at a place; undefined if a part has no list of this length. */
  #listsOf(states: readonly Float32Array[], length: number): (place: number) => (PartList | undefined)[] {
    const most = Math.min(length, this.#row.length);
    // A scorer keeps the row of one session, so its lists are made session by session.
    const together = this.#parts.map(({ live }, part) =>
      live instanceof ScorerPrograms
        ? undefined
        : live.best(
            states.map((state) => this.#stateOf(state, part)),
            most,
          ),
    );
    return (place) =>
      this.#parts.map(({ live }, part) => {
        const best =
          live instanceof ScorerPrograms
            ? live.best([this.#stateOf(states[place], part)], most)[0]
            : together[part]?.[place];
        return best && sortedList(best, this.#row.length);
      });
  }

  #mixed(
    state: Float32Array,
    lists: readonly (PartList | undefined)[],
    count: number,
  ): BestItems | undefined {
    const known = lists.filter((list) => list !== undefined);
    if (known.length < lists.length) return undefined;
    return this.#lists.best(known, count, (part, items) =>
      this.#parts[part].live.scoreItems(this.#stateOf(state, part), items),
    );
  }

  #stateOf(state: Float32Array, part: number): Float32Array {
    return state.subarray(this.#starts[part], this.#starts[part + 1]);
  }
}

function scaleOfRow(scores: Scores): RowScale {
  const head = topItems(scores, SCALED_HEAD);
  return rowScale(scores[head[0]], scores[head[head.length - 1]]);
}

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

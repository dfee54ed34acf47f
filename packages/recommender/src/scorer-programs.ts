import { type Scorer, type Scores, type ScoringSession, topItems } from '@gru4rec/metrics';
import type { BestItems, LiveEvent, LivePrograms } from '@gru4rec/model';
import { addClick, CLICKS_LENGTH, clicksIn } from './session-clicks.ts';

/**
 * Live sessions of any scorer. A state holds the latest clicks; an answer follows them and scores the last one. With at most
 * `MOST_CLICKS` clicks, the scores are exactly those of the scorer; a longer session is scored as if it began later.
 *
 * The row of the latest state is kept, so that all questions about one session in turn take one pass over its clicks.
 */
export class ScorerPrograms implements LivePrograms {
  readonly stateLength: number = CLICKS_LENGTH;
  readonly #session: ScoringSession;
  /** Of the row. */
  #clicks: Int32Array = new Int32Array();
  /** [I] */
  #row: Scores;

  constructor(scorer: Scorer) {
    this.#session = scorer.open(1);
    this.#row = new Float64Array(scorer.itemCount);
  }

  reserve(): void {}

  advance(events: readonly LiveEvent[]): void {
    for (const { state, item } of events) addClick(state, item);
  }

  scoreAll(state: Float32Array): Scores {
    const clicks = clicksIn(state);
    if (!areEqual(clicks, this.#clicks)) this.#score(clicks);
    return this.#row;
  }

  best(states: readonly Float32Array[], count: number): BestItems[] {
    return states.map((state) => {
      const row = this.scoreAll(state);
      const items = topItems(row, count);
      return { items, scores: scoresAt(row, items) };
    });
  }

  scoreItems(state: Float32Array, items: Int32Array): Float64Array {
    return scoresAt(this.scoreAll(state), items);
  }

  #score(clicks: Int32Array): void {
    const session = this.#session;
    this.#clicks = clicks.slice();
    for (const [at, item] of clicks.entries()) {
      const [input, resetMask] = [Int32Array.of(item), Float32Array.of(at === 0 ? 1 : 0)];
      if (session.follow && at < clicks.length - 1) session.follow(input, resetMask);
      else this.#row = session.step(input, resetMask);
    }
  }
}

function scoresAt(row: Scores, items: Int32Array): Float64Array {
  return Float64Array.from(items, (item) => row[item]);
}

function areEqual(first: Int32Array, second: Int32Array): boolean {
  return first.length === second.length && first.every((item, at) => item === second[at]);
}

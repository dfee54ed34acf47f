import type { ItemIds } from '@gru4rec/item-ids';
import type { Scores } from '@gru4rec/metrics';
import { fixedScores, type SessionScores } from './item-selector.ts';
import { type Ranking, type Recommendation, Recommender } from './recommender.ts';
import { SeenItems } from './seen-items.ts';
import type { Selection } from './selection.ts';

/** Answers from one score per item, such as the number of recent clicks (`countRecentClicks`) for a session without a known one. */
export class ScoredItems {
  readonly #recommender: Recommender<SessionScores>;

  /** @param scores - [I], none NaN; not copied. */
  constructor(scores: Scores, itemIds: ItemIds) {
    this.#recommender = new Recommender(fixedScores(scores), itemIds);
  }

  /**
   * As `top` of a live session that has clicked nothing.
   * @throws RangeError if n is not a positive integer or the selection is wrong.
   */
  top(n: number, selection: Selection = {}): Recommendation[] {
    return this.#recommender.top([nobody()], n, selection)[0] ?? [];
  }

  /** As `rank` of a live session that has clicked nothing. @throws RangeError if the selection is wrong. */
  rank(itemIds: Iterable<string>, selection: Selection = {}): Ranking {
    return this.#recommender.rank(nobody(), itemIds, selection);
  }
}

function nobody() {
  return { state: new Float32Array(0), seen: new SeenItems(1), purchased: undefined };
}

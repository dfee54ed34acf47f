import {
  type ItemIndex,
  type Ranking,
  type Recommendation,
  Recommender,
  type SessionScores,
} from './recommender.ts';
import { SeenItems } from './seen-items.ts';
import type { Selection } from './selection.ts';

/** Answers for a session without a known click: the items with the most recent clicks (`countRecentClicks`), which are the scores. */
export class PopularItems {
  readonly #recommender: Recommender<SessionScores>;

  /** @param recentClicks - [I]; not copied. */
  constructor(recentClicks: Float32Array, model: ItemIndex) {
    const scores: SessionScores = {
      best: () => undefined,
      scoreAll: () => recentClicks,
      scoreItems: (_, items) => Float64Array.from(items, (item) => recentClicks[item] ?? 0),
    };
    this.#recommender = new Recommender(scores, model);
  }

  /** As `top` of a live session. @throws RangeError if n is not a positive integer or the selection is wrong. */
  top(n: number, selection: Selection = {}): Recommendation[] {
    return this.#recommender.top([nobody()], n, selection)[0] ?? [];
  }

  /** As `rank` of a live session. @throws RangeError if the selection is wrong. */
  rank(itemIds: Iterable<string>, selection: Selection = {}): Ranking {
    return this.#recommender.rank(nobody(), itemIds, selection);
  }
}

function nobody() {
  return { state: new Float32Array(0), seen: new SeenItems(1) };
}

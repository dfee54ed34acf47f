import type { ClickContext } from '../programs/click-features.ts';
import type { LivePrograms } from './live-engine.ts';
import type { Ranking, Recommendation, Recommender, SessionState } from './recommender.ts';
import type { ScoredItems } from './scored-items.ts';
import { PURCHASE, SeenItems } from './seen-items.ts';
import type { Selection } from './selection.ts';

/** One visitor's session. Sessions share the model's memory, and each has its own hidden state. */
export class LiveSession {
  readonly #recommender: Recommender<LivePrograms>;
  readonly #state: Float32Array;
  readonly #seen = new SeenItems(Number.POSITIVE_INFINITY);
  readonly #unknownIds: string[] = [];
  /** Answers before the first known click. */
  readonly #popular: () => ScoredItems;
  #purchased: SeenItems | undefined;

  constructor(recommender: Recommender<LivePrograms>, popular: () => ScoredItems) {
    this.#recommender = recommender;
    this.#popular = popular;
    this.#state = new Float32Array(recommender.engine.stateLength);
  }

  /** Clicked ids that the model does not know, which were skipped. */
  get unknown(): readonly string[] {
    return this.#unknownIds;
  }

  /**
   * Takes a click on an item.
   *
   * @param itemId - a whole number is its digits.
   * @param context - values by column, such as `{ type: 'cart' }`, for `clickFeatures` and `excludePurchased`; others are ignored.
   * @returns false if the model does not know it: the click is skipped.
   */
  click(itemId: string | number, context?: ClickContext): boolean {
    const item = this.#recommender.itemIndex(itemId);
    if (item === undefined) {
      this.#unknownIds.push(String(itemId));
      return false;
    }
    const features = this.#recommender.featuresOf(context);
    this.#recommender.engine.advance([{ state: this.#state, item, features }]);
    this.#seen.add(item);
    if (this.#recommender.typeOf(context) === PURCHASE) {
      this.#purchased ??= new SeenItems(Number.POSITIVE_INFINITY);
      this.#purchased.add(item);
    }
    return true;
  }

  /**
   * The most likely next items, best first; equal scores by item index. Before the first known click, the items with the most
   * recent clicks.
   *
   * @param n - how many; fewer are returned if there are fewer items.
   * @throws RangeError if n is not a positive integer or the selection is wrong.
   */
  top(n: number, selection: Selection = {}): Recommendation[] {
    if (this.#seen.size === 0) return this.#popular().top(n, selection);
    const [list = []] = this.#recommender.top([this.#session], n, selection);
    return list;
  }

  /**
   * Orders candidates; only they are scored. Before the first known click, by recent clicks.
   *
   * @throws RangeError if the selection is wrong.
   */
  rank(itemIds: Iterable<string>, selection: Selection = {}): Ranking {
    if (this.#seen.size === 0) return this.#popular().rank(itemIds, selection);
    return this.#recommender.rank(this.#session, itemIds, selection);
  }

  get #session(): SessionState {
    return { state: this.#state, seen: this.#seen, purchased: this.#purchased };
  }
}

import type { ItemIds } from '@gru4rec/item-ids';
import { type ClickContext, type ClickEncoder, typeOfClick } from '../programs/click-features.ts';
import { type ItemSelection, ItemSelector, type SessionScores } from './item-selector.ts';
import type { BestItems, LiveEngine } from './live-engine.ts';
import { ResolvedSelection } from './resolved-selection.ts';
import type { SeenItems } from './seen-items.ts';
import { checkSelection, expectIds, expectPositive, readSelection, type Selection } from './selection.ts';

/** An item and its score; higher is better, comparable within one answer only. */
export interface Recommendation {
  readonly itemId: string;
  readonly score: number;
}

/** Candidates in order. */
export interface Ranking {
  /** Best first; equal scores by item index. */
  readonly items: readonly Recommendation[];
  /** Candidates that the model does not know, in the order given. */
  readonly unknown: readonly string[];
}

/** The hidden state of a session, and its items. */
export interface SessionState {
  readonly state: Float32Array;
  readonly seen: SeenItems;
  /** Items clicked with the type of purchases; undefined without any. */
  readonly purchased: SeenItems | undefined;
}

/** Recommends for sessions of a model: computes scores on demand and selects the best items, by item id. */
export class Recommender<Engine extends SessionScores = LiveEngine> {
  readonly engine: Engine;
  readonly itemIds: ItemIds;
  /** Finds the features of clicks; undefined without any. */
  readonly clicks: ClickEncoder | undefined;
  readonly #selector: ItemSelector;

  constructor(engine: Engine, itemIds: ItemIds, clicks?: ClickEncoder) {
    this.engine = engine;
    this.itemIds = itemIds;
    this.clicks = clicks;
    this.#selector = new ItemSelector(engine, itemIds.length);
  }

  /** Dense index of an item id; undefined for an item that the model does not know. */
  itemIndex(itemId: string | number): number | undefined {
    const index = this.itemIds.indexOf(String(itemId));
    return index < 0 ? undefined : index;
  }

  /** The features of a click, for `advance`; undefined without features of clicks. */
  featuresOf(context: ClickContext = {}): Int32Array | undefined {
    return this.clicks?.encode(context);
  }

  /** The type of a click. */
  typeOf(context?: ClickContext): string | undefined {
    return typeOfClick(this.clicks?.typeColumn, context);
  }

  /**
   * @returns a list per session.
   * @throws TypeError, RangeError if n or the selection is wrong.
   */
  top(sessions: readonly SessionState[], n: number, given: Selection): Recommendation[][] {
    expectPositive('top: "n"', n);
    const selection = readSelection('top', given);
    const resolved = new ResolvedSelection(selection, { itemIds: this.itemIds, n });
    const selections = sessions.map((session) => this.#selectionFor(session, { n, selection, resolved }));
    return this.#selector.select(selections).map((best) => named(best, resolved));
  }

  /** @throws TypeError, RangeError if the candidates or the selection are wrong. */
  rank(session: SessionState, itemIds: Iterable<string>, selection: Selection): Ranking {
    expectIds('rank: "itemIds"', itemIds);
    checkSelection('rank', selection);
    const candidates = [...itemIds];
    // Without pins, which are for lists.
    const resolved = new ResolvedSelection(selection, { itemIds: this.itemIds, n: 0, candidates });
    const all = this.#selectionFor(session, { n: candidates.length, selection, resolved });
    const best = this.#selector.selectAmong(all.allowed?.items ?? new Int32Array(), all);
    const unknown = candidates.filter((itemId) => this.itemIndex(itemId) === undefined);
    return { items: named(best, resolved), unknown };
  }

  #selectionFor(
    { state, seen, purchased }: SessionState,
    { n, selection, resolved }: Resolved,
  ): ItemSelection {
    const { excludeSeen, excludePurchased, groups, maxPerGroup = 0, boost } = selection;
    const left = excludeSeen ? seen : excludePurchased ? purchased : undefined;
    const groupOfId = typeof groups === 'function' ? groups : (itemId: string) => groups?.get(itemId);
    return {
      ...resolved.rules(left?.toSet()),
      state,
      n,
      maxPerGroup,
      groupOf: (item) => groupOfId(resolved.idOf(item)),
      groupBoosts: boost?.groups ?? new Map(),
    };
  }
}

interface Resolved {
  readonly n: number;
  readonly selection: Selection;
  readonly resolved: ResolvedSelection;
}

function named({ items, scores }: BestItems, resolved: ResolvedSelection): Recommendation[] {
  return Array.from(items, (item, at) => ({ itemId: resolved.idOf(item), score: scores[at] as number }));
}

import type { ItemIds } from '@gru4rec/dataset/ids';
import type { Scores } from '@gru4rec/metrics';
import { type ClickContext, type ClickEncoder, typeOfClick } from '../programs/click-features.ts';
import type { BestItems, LiveEngine } from './live-engine.ts';
import type { ListStart } from './related.ts';
import {
  checkSelection,
  expectIds,
  expectPositive,
  fixedScores,
  type ItemSelection,
  ItemSelector,
  onlyAmong,
  ResolvedSelection,
  readSelection,
  type Selection,
  type SessionScores,
} from './selection.ts';

/** An item and its score; higher is better, comparable within one answer only. */
export interface Recommendation {
  readonly id: string;
  readonly score: number;
}

/** Candidates in order. */
export interface Ranking {
  /** Best first; equal scores by item index. */
  readonly items: readonly Recommendation[];
  /** Candidates that the model does not know, in the order given. */
  readonly unknown: readonly string[];
}

export interface SessionState {
  readonly state: Float32Array;
  readonly seen: SeenItems;
  purchased?: SeenItems | undefined;
}

/** Recommends for sessions of a model: computes scores on demand and selects the best items, by item id. */
export class Recommender<Engine extends SessionScores = LiveEngine> {
  readonly engine: Engine;
  readonly itemIds: ItemIds;
  readonly clicks: ClickEncoder | undefined;
  readonly #selector: ItemSelector;

  constructor(engine: Engine, itemIds: ItemIds, clicks?: ClickEncoder) {
    this.engine = engine;
    this.itemIds = itemIds;
    this.clicks = clicks;
    this.#selector = new ItemSelector(engine, itemIds.length);
  }

  itemIndex(itemId: string | number): number | undefined {
    const index = this.itemIds.indexOf(String(itemId));
    return index < 0 ? undefined : index;
  }

  featuresOf(context: ClickContext = {}): Int32Array | undefined {
    return this.clicks?.encode(context);
  }

  /** Adds the item of a click to what a session has seen. @param limit - of the purchases. */
  remember(
    session: SessionState,
    item: number,
    context: ClickContext | undefined,
    { purchaseType, limit }: { readonly purchaseType: string; readonly limit: number },
  ): void {
    session.seen.add(item);
    if (typeOfClick(this.clicks?.typeColumn, context) !== purchaseType) return;
    session.purchased ??= new SeenItems(limit);
    session.purchased.add(item);
  }

  recommend(sessions: readonly SessionState[], n: number, given: Selection): Recommendation[][] {
    expectPositive('recommend: "n"', n);
    const selection = readSelection('recommend', given);
    this.#checkVariety('recommend', selection);
    const resolved = new ResolvedSelection(selection, { itemIds: this.itemIds, n });
    const selections = sessions.map((session) => this.#selectionFor(session, { n, selection, resolved }));
    return this.#selector.select(selections).map((best) => named(best, resolved));
  }

  /** Without the item that the list starts from. */
  related(item: number, { scores, state, among }: ListStart, n: number, given: Selection): Recommendation[] {
    expectPositive('related: "n"', n);
    const selection = readSelection('related', { ...given, excludeSeen: true });
    const resolved = new ResolvedSelection(selection, { itemIds: this.itemIds, n });
    const seen = new SeenItems(1);
    seen.add(item);
    const selected = this.#selectionFor({ state, seen }, { n, selection, resolved });
    const { length } = this.itemIds;
    const [best] = new ItemSelector(scores, length).select([onlyAmong(selected, among, length)]);
    return best ? named(best, resolved) : [];
  }

  rank(session: SessionState, itemIds: Iterable<string>, selection: Selection): Ranking {
    expectIds('rank: "itemIds"', itemIds);
    checkSelection('rank', selection);
    this.#checkVariety('rank', selection);
    const candidates = [...itemIds];
    // Without pins, which are for lists.
    const resolved = new ResolvedSelection(selection, { itemIds: this.itemIds, n: 0, candidates });
    const all = this.#selectionFor(session, { n: candidates.length, selection, resolved });
    const best = this.#selector.selectAmong(all.allowed?.items() ?? new Int32Array(), all);
    const unknown = candidates.filter((itemId) => this.itemIndex(itemId) === undefined);
    return { items: named(best, resolved), unknown };
  }

  #checkVariety(caller: string, { variety = 0 }: Selection): void {
    if (variety === 0 || this.engine.vectors) return;
    const expected = 'a model whose items have vectors, such as a GRU4Rec';
    throw new RangeError(`${caller}: "variety" expected ${expected}, got one without. Leave it out`);
  }

  #selectionFor(
    { state, seen, purchased }: SessionState,
    { n, selection, resolved }: Resolved,
  ): ItemSelection {
    const { excludeSeen, excludePurchased, groups, maxPerGroup = 0, variety = 0, boost } = selection;
    const left = excludeSeen ? seen : excludePurchased ? purchased : undefined;
    const groupOfId = typeof groups === 'function' ? groups : (itemId: string) => groups?.get(itemId);
    return {
      ...resolved.rules(left?.toSet()),
      state,
      n,
      variety,
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
  return Array.from(items, (item, at) => ({ id: resolved.idOf(item), score: scores[at] }));
}

/** Answers from one score per item, such as the number of recent clicks (`countRecentClicks`) for a session without a known one. */
export class ScoredItems {
  readonly #recommender: Recommender<SessionScores>;

  /** @param of - has the vectors of the items, for `variety`. */
  constructor(scores: Scores, itemIds: ItemIds, of?: Pick<SessionScores, 'vectors'>) {
    this.#recommender = new Recommender(fixedScores(scores, of), itemIds);
  }

  /** As `recommend` of a live session that has clicked nothing. */
  recommend(n: number, selection: Selection = {}): Recommendation[] {
    return this.#recommender.recommend([nobody()], n, selection)[0] ?? [];
  }

  /** As `rank` of a live session that has clicked nothing. */
  rank(itemIds: Iterable<string>, selection: Selection = {}): Ranking {
    return this.#recommender.rank(nobody(), itemIds, selection);
  }
}

function nobody(): SessionState {
  return { state: new Float32Array(0), seen: new SeenItems(1) };
}

export const PURCHASE = 'purchase';

const FIRST_ROOM = 8;

/** Distinct item indices of a session; beyond the limit, only the latest. */
export class SeenItems {
  readonly #limit: number;
  #items = new Int32Array(FIRST_ROOM);
  #count = 0;

  constructor(limit: number) {
    this.#limit = limit;
  }

  get size(): number {
    return this.#count;
  }

  add(item: number): void {
    const at = this.#held.indexOf(item);
    if (at >= 0) this.#remove(at);
    else if (this.#count === this.#limit) this.#remove(0);
    else if (this.#count === this.#items.length) this.#grow();
    this.#items[this.#count++] = item;
  }

  toSet(): Set<number> {
    return new Set(this.#held);
  }

  get #held(): Int32Array {
    return this.#items.subarray(0, this.#count);
  }

  #remove(at: number): void {
    this.#items.copyWithin(at, at + 1, this.#count);
    this.#count--;
  }

  #grow(): void {
    const grown = new Int32Array(Math.min(this.#limit, 2 * this.#count));
    grown.set(this.#items);
    this.#items = grown;
  }
}

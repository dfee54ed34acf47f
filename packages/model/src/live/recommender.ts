import type { ItemIds } from '@gru4rec/item-ids';
import { type ExcludedItems, type Scores, topItems, topItemsByGroup } from '@gru4rec/metrics';
import type { LiveEngine } from './live-engine.ts';
import type { SeenItems } from './seen-items.ts';
import { checkSelection, expectIds, expectPositive, readSelection, type Selection } from './selection.ts';

/** Scoring a single item takes ten times its share of scoring all of them (76 ns, 100 units). */
const FEW = 10;

/** How many times more items to list where groups or a list of allowed items exclude some of them. */
const SPARE = 4;

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

/** The item ids of a model. */
export interface ItemIndex {
  readonly itemIds: ItemIds;
  itemIndex(itemId: string): number | undefined;
}

/** The state of a session, and its items. */
export interface Followed {
  readonly state: Float32Array;
  readonly seen: SeenItems;
}

/** The scores of sessions by their states. */
export type SessionScores = Pick<LiveEngine, 'best' | 'scoreAll' | 'scoreItems'>;

/** Recommends for sessions of a model: computes scores on demand and selects the best items. */
export class Recommender<Engine extends SessionScores = LiveEngine> {
  readonly engine: Engine;
  readonly model: ItemIndex;

  constructor(engine: Engine, model: ItemIndex) {
    this.engine = engine;
    this.model = model;
  }

  /**
   * @returns a list per session.
   * @throws TypeError, RangeError if n or the selection is wrong.
   */
  top(sessions: readonly Followed[], n: number, given: Selection): Recommendation[][] {
    expectPositive('top: "n"', n);
    const selection = readSelection('top', given);
    const allowed = selection.allow && this.#known(selection.allow);
    const excluded = sessions.map((session) => this.#excluded(session, selection));
    const itemCount = this.model.itemIds.length;
    if (allowed && allowed.size * FEW < itemCount) {
      return sessions.map((session, i) => {
        return this.#bestAmong(session, allowed, { n, excluded: excluded[i] ?? NOTHING, selection });
      });
    }
    const largest = Math.max(0, ...excluded.map(({ size }) => size));
    const share = allowed ? itemCount / allowed.size : 1;
    const count = Math.ceil(n * (share > 1 || selection.groups ? SPARE * share : 1)) + largest;
    const states = sessions.map(({ state }) => state);
    const best = this.engine.best(states, count);
    return states.map((state, i) => {
      const left = excluded[i] ?? NOTHING;
      const limits = { n, selection, excluded: allowed ? notAllowed(allowed, left) : left };
      const listed = best?.[i];
      const found = listed && this.#pick(listed, limits);
      if (found && (found.length === n || listed.items.length === itemCount)) return found;
      return this.#pick({ scores: this.engine.scoreAll(state) }, limits);
    });
  }

  /** @throws TypeError, RangeError if the candidates or the selection are wrong. */
  rank(session: Followed, itemIds: Iterable<string>, selection: Selection): Ranking {
    expectIds('rank: "itemIds"', itemIds);
    checkSelection('rank', selection);
    const candidates = [...itemIds];
    const items = this.#known(candidates);
    const allowed = selection.allow && this.#known(selection.allow);
    const left = allowed ? new Set([...items].filter((item) => allowed.has(item))) : items;
    const excluded = this.#excluded(session, selection);
    return {
      items: this.#bestAmong(session, left, { n: left.size, excluded, selection }),
      unknown: candidates.filter((itemId) => this.model.itemIndex(itemId) === undefined),
    };
  }

  #bestAmong({ state }: Followed, candidates: ReadonlySet<number>, limits: PickLimits): Recommendation[] {
    // Ascending, so that equal scores are ordered by position as by index.
    const items = Int32Array.from([...candidates].filter((item) => !limits.excluded.has(item))).sort();
    return this.#pick({ items, scores: this.engine.scoreItems(state, items) }, limits);
  }

  /** The best n of scored items that the limits allow. */
  #pick({ items, scores }: ScoredItems, { n, selection, excluded }: PickLimits): Recommendation[] {
    const itemAt = (position: number): number => (items ? (items[position] ?? -1) : position);
    const options = { excluded: { has: (position: number) => excluded.has(itemAt(position)) } };
    const { groups, maxPerGroup = 0 } = selection;
    const groupOf = groups && this.#groupOf(groups, itemAt);
    const best = groupOf
      ? topItemsByGroup(scores, n, { groupOf, maxPerGroup, ...options })
      : topItems(scores, n, options.excluded);
    return Array.from(best, (position) => ({
      itemId: this.model.itemIds.at(itemAt(position)) as string,
      score: scores[position] as number,
    }));
  }

  #excluded({ seen }: Followed, { deny, excludeSeen }: Selection): Set<number> {
    const excluded = excludeSeen ? seen.toSet() : new Set<number>();
    for (const item of this.#known(deny ?? [])) excluded.add(item);
    return excluded;
  }

  #known(itemIds: Iterable<string>): Set<number> {
    const items = new Set<number>();
    for (const itemId of itemIds) {
      const item = this.model.itemIndex(itemId);
      if (item !== undefined) items.add(item);
    }
    return items;
  }

  #groupOf(groups: Groups, itemAt: (position: number) => number): (position: number) => string | undefined {
    const groupOfId = typeof groups === 'function' ? groups : (itemId: string) => groups.get(itemId);
    return (position) => groupOfId(this.model.itemIds.at(itemAt(position)) as string);
  }
}

type Groups = NonNullable<Selection['groups']>;

const NOTHING: ReadonlySet<number> = new Set();

/** Items with their scores, in an order in which equal scores are by item index; all items by index if not given. */
interface ScoredItems {
  readonly items?: Int32Array;
  readonly scores: Scores;
}

interface PickLimits {
  readonly n: number;
  readonly selection: Selection;
  readonly excluded: ExcludedItems;
}

function notAllowed(allowed: ReadonlySet<number>, excluded: ReadonlySet<number>): ExcludedItems {
  return { has: (item) => excluded.has(item) || !allowed.has(item) };
}

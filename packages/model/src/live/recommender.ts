import type { ItemIds } from '@gru4rec/item-ids';
import { type ExcludedItems, type Scores, topItems, topItemsByGroup } from '@gru4rec/metrics';
import type { LiveEngine } from './live-engine.ts';
import type { SeenItems } from './seen-items.ts';
import { checkSelection, expectIds, expectPositive, type Selection } from './selection.ts';

/** Scoring a single item takes ten times its share of scoring all of them (76 ns, 100 units). */
const FEW = 10;

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

/** Recommends for sessions of a model: computes scores on demand and selects the best items. */
export class Recommender {
  readonly engine: LiveEngine;
  readonly model: ItemIndex;

  constructor(engine: LiveEngine, model: ItemIndex) {
    this.engine = engine;
    this.model = model;
  }

  /** @throws TypeError, RangeError if n or the selection is wrong. */
  top(session: Followed, n: number, selection: Selection): Recommendation[] {
    expectPositive('top: "n"', n);
    checkSelection('top', selection);
    const allowed = selection.allow && this.#known(selection.allow);
    const left = this.#excluded(session, selection);
    if (allowed && allowed.size * FEW < this.model.itemIds.length) {
      return this.#bestAmong(session, allowed, { n, excluded: left, selection });
    }
    const excluded = allowed ? { has: (item: number) => left.has(item) || !allowed.has(item) } : left;
    const scores = this.engine.scoreAll(session.state);
    const groupOf = this.#groupOf(selection, (item) => item);
    const best = pick(scores, n, { excluded, groupOf, maxPerGroup: selection.maxPerGroup });
    return Array.from(best, (item) => this.#recommendation(item, scores[item]));
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

  #bestAmong(
    { state }: Followed,
    candidates: ReadonlySet<number>,
    { n, excluded, selection }: { n: number; excluded: ExcludedItems; selection: Selection },
  ): Recommendation[] {
    // Ascending, so that equal scores are ordered by position as by index.
    const items = Int32Array.from([...candidates].filter((item) => !excluded.has(item))).sort();
    const scores = this.engine.scoreItems(state, items);
    const groupOf = this.#groupOf(selection, (position) => items[position] ?? -1);
    const best = pick(scores, n, { groupOf, maxPerGroup: selection.maxPerGroup });
    return Array.from(best, (position) => this.#recommendation(items[position], scores[position]));
  }

  #recommendation(item: number | undefined, score: number | undefined): Recommendation {
    return { itemId: this.model.itemIds.at(item as number) as string, score: score as number };
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

  #groupOf({ groups }: Selection, itemAt: (position: number) => number): GroupOf | undefined {
    if (!groups) return undefined;
    const groupOfId = typeof groups === 'function' ? groups : (itemId: string) => groups.get(itemId);
    return (position) => groupOfId(this.model.itemIds.at(itemAt(position)) as string);
  }
}

type GroupOf = (position: number) => string | undefined;

interface PickLimits {
  readonly excluded?: ExcludedItems;
  readonly groupOf: GroupOf | undefined;
  readonly maxPerGroup: number | undefined;
}

function pick(scores: Scores, n: number, { excluded, groupOf, maxPerGroup = 0 }: PickLimits): Int32Array {
  if (!groupOf) return topItems(scores, n, excluded);
  return topItemsByGroup(scores, n, { groupOf, maxPerGroup, ...(excluded ? { excluded } : {}) });
}

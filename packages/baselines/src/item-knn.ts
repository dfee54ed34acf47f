import { finite, integer, type OptionChecks, share } from '@gru4rec/checks';
import {
  type BaselineData,
  type BaselineKind,
  baselineKind,
  trainingShares,
  type Unnamed,
} from './baseline-kind.ts';
import { distinctItems, type IndexSets, invert } from './learned-arrays.ts';
import { BaseRow, openRows, rowsByLastItem } from './score-rows.ts';

/** Options of item-KNN. */
export interface ItemKnnOptions {
  /** Neighbours kept per item: 100 if not given. */
  readonly neighbours?: number;
  /** λ ≥ 0, added to both items' counts so that rare items are not similar by chance: 20 if not given. */
  readonly lambda?: number;
  /** α in [0, 1], the share of the normalisation by the current item: 0.5 if not given, the cosine. */
  readonly alpha?: number;
}

const itemKnnChecks: OptionChecks<ItemKnnOptions> = {
  neighbours: integer(1),
  lambda: finite(0),
  alpha: share,
};

/** The most similar items of each item in CSR form, best first; equal similarities by ascending item index. */
export interface Neighbours {
  readonly offsets: Int32Array;
  readonly items: Int32Array;
  readonly similarities: Float64Array;
}

/**
 * Finds each item's neighbours, the items that share sessions with it.
 *
 * sim(i, j) = |S_i ∩ S_j| / ((|S_i| + λ)^α · (|S_j| + λ)^(1−α)), S_i the sessions with i, j ≠ i
 * (Hidasi et al. 2016, arXiv:1511.06939, section 4; with α = ½ and λ = 0 the cosine of session vectors)
 *
 * Time is Σ over sessions of (different items)², memory I · neighbours.
 */
export function findNeighbours({ support, train }: BaselineData, options: ItemKnnOptions): Neighbours {
  const { neighbours = 100, lambda = 20, alpha = 0.5 } = options;
  const itemCount = support.length;
  const itemsOf = distinctItems(train.sessionOffsets, train.items, itemCount);
  const sessionsOf = invert(itemsOf, itemCount);
  const own = new Float64Array(itemCount);
  const other = new Float64Array(itemCount);
  for (let item = 0; item < itemCount; item++) {
    const sessions = sessionsOf.offsets[item + 1] - sessionsOf.offsets[item] + lambda;
    own[item] = sessions ** alpha;
    other[item] = sessions ** (1 - alpha);
  }
  const offsets = new Int32Array(itemCount + 1);
  const kept: { readonly items: number[]; readonly similarities: number[] } = { items: [], similarities: [] };
  const shared = new Int32Array(itemCount);
  for (let item = 0; item < itemCount; item++) {
    const candidates = countShared(item, sessionsOf, itemsOf, shared);
    const similarities = candidates.map((candidate) => shared[candidate] / (own[item] * other[candidate]));
    for (const candidate of candidates) shared[candidate] = 0;
    const order = Array.from(candidates.keys()).sort(
      (a, b) => similarities[b] - similarities[a] || candidates[a] - candidates[b],
    );
    for (const place of order.slice(0, neighbours)) {
      kept.items.push(candidates[place]);
      kept.similarities.push(similarities[place]);
    }
    offsets[item + 1] = kept.items.length;
  }
  return {
    offsets,
    items: Int32Array.from(kept.items),
    similarities: Float64Array.from(kept.similarities),
  };
}

/** The items that share sessions with one item, unordered. `shared` [I] has zeros before, the counts after. */
function countShared(item: number, sessionsOf: IndexSets, itemsOf: IndexSets, shared: Int32Array): number[] {
  const candidates: number[] = [];
  for (let at = sessionsOf.offsets[item]; at < sessionsOf.offsets[item + 1]; at++) {
    const session = sessionsOf.members[at];
    for (let member = itemsOf.offsets[session]; member < itemsOf.offsets[session + 1]; member++) {
      const candidate = itemsOf.members[member];
      if (candidate === item) continue;
      if (shared[candidate]++ === 0) candidates.push(candidate);
    }
  }
  return candidates;
}

/** Below every other score. */
const LAST = -2;

/**
 * Item-KNN: the items most similar to the last item of the session, where similar items share sessions.
 *
 * A neighbour's score is its similarity, above 0. All other items follow by their share of the training events, with the
 * score share − 1: with scores of 0, the standard tie rule would count each of them as found whenever an item has fewer
 * neighbours than a list has places. The last item itself comes last.
 *                                                          (the baseline of Hidasi et al. 2016, arXiv:1511.06939)
 */
export const itemKnnKind: BaselineKind = baselineKind('item-KNN', itemKnnChecks, {
  learn: learnItems,
  score: scoreByItems,
});

interface LearnedItems extends Neighbours {
  readonly base: Float64Array;
}

function learnItems(data: BaselineData, options: ItemKnnOptions): LearnedItems {
  const base = trainingShares(data.support).map((share) => share - 1);
  return { base, ...findNeighbours(data, options) };
}

function scoreByItems({ base, offsets, items, similarities }: LearnedItems): Unnamed {
  const row = new BaseRow(base);
  return {
    itemCount: base.length,
    open: (slots) =>
      openRows(row, slots, (count) =>
        rowsByLastItem(count, (last, set) => {
          for (let at = offsets[last]; at < offsets[last + 1]; at++) set(items[at], similarities[at]);
          set(last, LAST);
        }),
      ),
  };
}

import type { Scorer } from '@gru4rec/metrics';
import { BaseRow } from './base-row.ts';
import { type BaselineData, trainingShares } from './baseline-data.ts';
import { type BaselineKind, baselineKind } from './baseline-kind.ts';
import { findNeighbours, type ItemKnnOptions, itemKnnChecks, type Neighbours } from './neighbours.ts';
import { openRows, rowsByLastItem } from './score-rows.ts';

/** Below every other score. */
const LAST = -2;

/**
 * Item-KNN: the items most similar to the last item of the session, where similar items share sessions.
 *
 * A neighbour's score is its similarity, above 0. All other items follow by their share of the training events, with the
 * score share − 1: with scores of 0, the standard tie rule would count each of them as found whenever an item has fewer
 * neighbours than a list has places. The last item itself comes last.
 *                                                          (the baseline of Hidasi et al. 2016, arXiv:1511.06939)
 *
 * @throws RangeError if an option is outside its range or there is no training event.
 */
export function itemKnn(data: BaselineData, options: ItemKnnOptions = {}): Scorer {
  return scoreByItems(learnItems(data, options));
}

export const itemKnnKind: BaselineKind = baselineKind('item-KNN', itemKnnChecks, {
  learn: learnItems,
  read(stored) {
    const offsets = stored.offsets('offsets', stored.itemCount);
    const kept = offsets[stored.itemCount];
    return {
      base: stored.doubles('base'),
      offsets,
      items: stored.indices('items', kept, stored.itemCount),
      similarities: stored.doubles('similarities', kept),
    };
  },
  score: scoreByItems,
});

/** The neighbours of each item, and the scores of all other items. */
interface LearnedItems extends Neighbours {
  /** [I] */
  readonly base: Float64Array;
}

function learnItems(data: BaselineData, options: ItemKnnOptions): LearnedItems {
  const base = trainingShares(data).map((share) => share - 1);
  return { base, ...findNeighbours(data, options) };
}

function scoreByItems({ base, offsets, items, similarities }: LearnedItems): Scorer {
  const row = new BaseRow(base);
  return {
    name: 'item-KNN',
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

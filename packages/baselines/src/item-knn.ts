import { distinctItems, findNeighbours, type NeighbourOptions, type Neighbours } from '@gru4rec/batcher';
import { finite, integer, type OptionChecks, share } from '@gru4rec/checks';
import {
  type BaselineData,
  type BaselineKind,
  baselineKind,
  trainingShares,
  type Unnamed,
} from './baseline-kind.ts';
import { rowsByLastItem, rowsScorer } from './score-rows.ts';

/** Options of item-KNN. */
export type ItemKnnOptions = Omit<NeighbourOptions, 'weigh'>;

const itemKnnChecks: OptionChecks<ItemKnnOptions> = {
  neighbours: integer(1),
  lambda: finite(0),
  alpha: share,
};

/** Below every other score. */
const LAST = -2;

/**
 * Item-KNN: the items most similar to the last item of the session, where similar items share sessions.
 *
 * A neighbour's score is its similarity, above 0. All other items follow with the score share − 1, as of rules. The last item
 * itself comes last.
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
  const { support, train } = data;
  const base = trainingShares(support).map((share) => share - 1);
  const itemsOf = distinctItems(train.sessionOffsets, train.items, support.length);
  return { base, ...findNeighbours(itemsOf, support.length, options) };
}

function scoreByItems({ base, offsets, items, similarities }: LearnedItems): Unnamed {
  return rowsScorer(base, (slots) =>
    rowsByLastItem(slots, (last, set) => {
      for (let at = offsets[last]; at < offsets[last + 1]; at++) set(items[at], similarities[at]);
      set(last, LAST);
    }),
  );
}

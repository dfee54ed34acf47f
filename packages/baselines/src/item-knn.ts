import type { Scorer, ScoringSession } from '@gru4rec/metrics';
import { findNeighbours, type ItemKnnOptions, type Neighbours } from './neighbours.ts';
import { ScoreRows } from './score-rows.ts';
import { eventShares, type TrainingData } from './training-data.ts';

/** Below every other score. */
const LAST = -2;

/**
 * Item-KNN: the items most similar to the last one of the session, similar by the sessions they share.
 *
 * A neighbour's score is its similarity, above 0. All other items follow by their share of the training events,
 * scored share − 1: were they all 0, the standard tie rule would call each of them found as soon as an item has
 * fewer neighbours than a list has places. The last item itself comes last of all.
 *                                                          (the baseline of Hidasi et al. 2016, arXiv:1511.06939)
 *
 * @throws RangeError if an option is outside its range or there is no training event.
 */
export function itemKnn(data: TrainingData, options: ItemKnnOptions = {}): Scorer {
  const base = eventShares(data.support).map((share) => share - 1);
  const neighbours = findNeighbours(data, options);
  return {
    name: 'item-KNN',
    itemCount: base.length,
    open: (slots) => openItemKnn(base, neighbours, slots),
  };
}

function openItemKnn(
  base: Float64Array,
  { offsets, items, similarities }: Neighbours,
  slots: number,
): ScoringSession {
  const rows = new ScoreRows(base, slots);
  return {
    step(input) {
      rows.checkInput(input);
      for (let slot = 0; slot < slots; slot++) {
        const last = input[slot];
        rows.restore(slot);
        if (last < 0) continue;
        for (let at = offsets[last]; at < offsets[last + 1]; at++)
          rows.set(slot, items[at], similarities[at]);
        rows.set(slot, last, LAST);
      }
      return rows.scores;
    },
    close() {},
  };
}

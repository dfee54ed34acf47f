import type { Scorer, ScoringSession } from '@gru4rec/metrics';
import { ScoreRows } from './score-rows.ts';
import { eventShares, type TrainingData } from './training-data.ts';

/**
 * POP: always the items of the most training events. An item's score is its share of them.
 *
 * @throws RangeError if there is no training event.
 */
export function pop({ support }: TrainingData): Scorer {
  const shares = eventShares(support);
  return {
    name: 'POP',
    itemCount: shares.length,
    open: (slots) => openPop(shares, slots),
  };
}

function openPop(shares: Float64Array, slots: number): ScoringSession {
  const rows = new ScoreRows(shares, slots);
  return {
    step(input) {
      rows.checkInput(input);
      return rows.scores;
    },
    close() {},
  };
}

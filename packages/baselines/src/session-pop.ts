import type { Scorer, ScoringSession } from '@gru4rec/metrics';
import { ScoreRows } from './score-rows.ts';
import { eventShares, type TrainingData } from './training-data.ts';

/**
 * S-POP: the items most clicked in the session so far, then those of the most training events.
 *
 * score = clicks in the session + share of the training events: below 1, the share decides among equal counts
 * alone.                                                   (the baseline of Hidasi et al. 2016, arXiv:1511.06939)
 *
 * @throws RangeError if there is no training event.
 */
export function sessionPop({ support }: TrainingData): Scorer {
  const shares = eventShares(support);
  return {
    name: 'S-POP',
    itemCount: shares.length,
    open: (slots) => openSessionPop(shares, slots),
  };
}

function openSessionPop(shares: Float64Array, slots: number): ScoringSession {
  const rows = new ScoreRows(shares, slots);
  return {
    step(input, resetMask) {
      rows.checkInput(input);
      for (let slot = 0; slot < slots; slot++) {
        if (resetMask[slot] === 1) rows.restore(slot);
        if (input[slot] >= 0) rows.set(slot, input[slot], rows.get(slot, input[slot]) + 1);
      }
      return rows.scores;
    },
    close() {},
  };
}

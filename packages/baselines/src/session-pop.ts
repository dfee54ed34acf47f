import type { Scorer } from '@gru4rec/metrics';
import { BaseRow } from './base-row.ts';
import type { LearnedPopularity } from './pop.ts';
import { openRows } from './score-rows.ts';
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
  return scoreBySession({ shares: eventShares(support) });
}

/** The scorer of what has been learned, by this thread or another. */
export function scoreBySession({ shares }: LearnedPopularity): Scorer {
  const base = new BaseRow(shares);
  return {
    name: 'S-POP',
    itemCount: shares.length,
    open(slots) {
      const clicks = Array.from({ length: slots }, () => new Map<number, number>());
      return openRows(base, slots, ({ slot, item, starts }, set) => {
        const counts = clicks[slot];
        if (starts) counts.clear();
        counts.set(item, (counts.get(item) ?? 0) + 1);
        for (const [clicked, count] of counts) set(clicked, count + shares[clicked]);
      });
    },
  };
}

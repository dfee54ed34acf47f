import type { Scorer } from '@gru4rec/metrics';
import { type BaselineData, type BaselineKind, baselineKind } from './baseline-kind.ts';
import { type LearnedPopularity, learnShares, readShares } from './pop.ts';
import { BaseRow, openRows } from './score-rows.ts';

/**
 * S-POP: the items with the most clicks in the session so far, then those with the most training events.
 *
 * score = clicks in the session + share of the training events, which is below 1 and so only orders equal
 * counts.                                                  (the baseline of Hidasi et al. 2016, arXiv:1511.06939)
 */
export function sessionPop(data: BaselineData): Scorer {
  return scoreBySession(learnShares(data));
}

export const sessionPopKind: BaselineKind = baselineKind(
  'S-POP',
  {},
  {
    learn: learnShares,
    read: readShares,
    score: scoreBySession,
  },
);

function scoreBySession({ shares }: LearnedPopularity): Scorer {
  const base = new BaseRow(shares);
  return {
    name: 'S-POP',
    itemCount: shares.length,
    open(slots) {
      return openRows(base, slots, () => {
        const clicks = Array.from({ length: slots }, () => new Map<number, number>());
        return {
          follow(slot, item, starts) {
            if (starts) clicks[slot].clear();
            clicks[slot].set(item, (clicks[slot].get(item) ?? 0) + 1);
          },
          score(slot, set) {
            for (const [clicked, count] of clicks[slot]) set(clicked, count + shares[clicked]);
          },
        };
      });
    },
  };
}

import { finiteAbove0, type OptionChecks } from '@gru4rec/checks';
import {
  type BaselineData,
  type BaselineKind,
  baselineKind,
  DAY_MS,
  startTimes,
  trainingShares,
  type Unnamed,
} from './baseline-kind.ts';
import { rowsByLastItem, rowsScorer } from './score-rows.ts';

/** POP: always the items with the most training events. The score of an item is its share of all training events. */
export const popKind: BaselineKind = baselineKind(
  'POP',
  {},
  {
    learn: learnShares,
    score: scoreByPopularity,
  },
);

function learnShares({ support }: BaselineData): LearnedPopularity {
  return { shares: trainingShares(support) };
}

interface LearnedPopularity {
  /** [I], the greater the more popular. */
  readonly shares: Float64Array;
}

function scoreByPopularity({ shares }: LearnedPopularity): Unnamed {
  return rowsScorer(shares, (slots) => rowsByLastItem(slots, () => undefined));
}

/**
 * S-POP: the items with the most clicks in the session so far, then those with the most training events.
 *
 * score = clicks in the session + share of the training events, which is below 1 and so only orders equal
 * counts.                                                  (the baseline of Hidasi et al. 2016, arXiv:1511.06939)
 */
export const sessionPopKind: BaselineKind = baselineKind(
  'S-POP',
  {},
  {
    learn: learnShares,
    score: scoreBySession,
  },
);

function scoreBySession({ shares }: LearnedPopularity): Unnamed {
  return rowsScorer(shares, (slots) => {
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
}

/** Options of R-POP. */
export interface RecentPopOptions {
  /** Days, above 0, from the earliest session that counts to the start of the latest: 1 if not given. */
  readonly days?: number;
}

const checks: OptionChecks<RecentPopOptions> = { days: finiteAbove0 };

/**
 * R-POP: the most popular items of the most recent training sessions, then the most popular overall.
 *
 * score = (events in the window + share of all training events) / (all events in the window + 1): the share only orders equal
 * counts. The window ends with the start of the latest training session; all events of a session count if it starts within.
 *                    (as RecentPop, Ji et al. 2020, arXiv:2005.13829, but for a window that stays the same over the test)
 */
export const recentPopKind: BaselineKind = baselineKind('R-POP', checks, {
  learn: learnRecent,
  score: scoreByPopularity,
});

function learnRecent(data: BaselineData, options: RecentPopOptions): LearnedPopularity {
  const { days = 1 } = options;
  const shares = trainingShares(data.support);
  const counts = countRecent(data, days * DAY_MS);
  const support = shares.map((share, item) => counts[item] + share);
  return { shares: trainingShares(support) };
}

function countRecent(data: BaselineData, windowMs: number): Float64Array {
  const times = startTimes(data);
  const { sessionOffsets, items } = data.train;
  const latest = times.reduce((a, b) => Math.max(a, b), Number.NEGATIVE_INFINITY);
  const counts = new Float64Array(data.support.length);
  for (let session = 0; session < times.length; session++) {
    if (times[session] < latest - windowMs) continue;
    for (let event = sessionOffsets[session]; event < sessionOffsets[session + 1]; event++)
      counts[items[event]]++;
  }
  return counts;
}

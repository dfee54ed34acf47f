import { finiteAbove0, type OptionChecks } from '@gru4rec/checked-options';
import type { Scorer } from '@gru4rec/metrics';
import {
  type BaselineData,
  type BaselineKind,
  baselineKind,
  eventShares,
  startTimes,
  trainingShares,
} from './baseline-kind.ts';
import { type LearnedPopularity, readShares, scoreByPopularity } from './pop.ts';

/** Options of R-POP. */
export interface RecentPopOptions {
  /** Days, above 0, from the earliest session that counts to the start of the latest: 1 if not given. */
  readonly days?: number;
}

const DAY_MS = 86_400_000;

const checks: OptionChecks<RecentPopOptions> = { days: finiteAbove0 };

/**
 * R-POP: the most popular items of the most recent training sessions, then the most popular overall.
 *
 * score = (events in the window + share of all training events) / (all events in the window + 1): the share is
 * below 1 and so only orders equal counts. The window ends with the start of the latest training session; all events of
 * a session count if it starts within.    (as RecentPop, Ji et al. 2020, arXiv:2005.13829, but for a window that stays
 *                                      the same over the test; one day as in the session-rec collection of baselines)
 */
export function recentPop(data: BaselineData, options: RecentPopOptions = {}): Scorer {
  return scoreByPopularity('R-POP', learnRecent(data, options));
}

export const recentPopKind: BaselineKind = baselineKind('R-POP', checks, {
  learn: learnRecent,
  read: readShares,
  score: (learned) => scoreByPopularity('R-POP', learned),
});

function learnRecent(data: BaselineData, options: RecentPopOptions): LearnedPopularity {
  const { days = 1 } = options;
  const shares = trainingShares(data);
  const counts = countRecent(data, days * DAY_MS);
  const support = shares.map((share, item) => counts[item] + share);
  return { shares: eventShares(support) };
}

function countRecent(data: BaselineData, windowMs: number): Float64Array {
  const times = startTimes('recentPop', data);
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

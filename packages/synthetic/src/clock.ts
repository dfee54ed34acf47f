import type { RandomStream } from '@gru4rec/random';
import { drawByWeight, runningSums } from './weighted-draw.ts';

const SECONDS_PER_DAY = 86_400;
const SECONDS_PER_HOUR = 3_600;
/** Midnight of the first day: 2024-03-01, UTC. */
const FIRST_SECOND: number = Date.UTC(2024, 2, 1) / 1000;
/** Running sums of the visits per hour of the day, with few at night and most in the evening. */
const HOURS = runningSums(
  Float64Array.of(
    ...[14, 8, 5, 4, 4, 6, 12, 22, 32, 40, 46, 50],
    ...[54, 52, 50, 50, 52, 56, 62, 70, 78, 74, 54, 30],
  ),
);
/** Seconds on a page: log-normal with this median and spread, at least 1 and less than half an hour. */
const MEDIAN_SECONDS = 40;
const LOG_SPREAD = 1.1;
const MAX_SECONDS = 1_799;

/**
 * Start time of a visit. The fraction of the day is mapped to the same quantile of the visits of a day, so a larger
 * `elapsedDays` never gives an earlier time.
 *
 * @param elapsedDays - time since the first day if visits were spread evenly, in days, ≥ 0.
 * @returns seconds since 1970, an integer.
 */
export function startTime(elapsedDays: number): number {
  const day = Math.floor(elapsedDays);
  const total = HOURS[HOURS.length - 1];
  const wanted = elapsedDays - day;
  const hour = drawByWeight(HOURS, 0, HOURS.length, wanted);
  const before = hour === 0 ? 0 : HOURS[hour - 1];
  const share = (wanted * total - before) / (HOURS[hour] - before);
  return FIRST_SECOND + day * SECONDS_PER_DAY + Math.floor((hour + share) * SECONDS_PER_HOUR);
}

/** @returns seconds until the next click of a visit, an integer. */
export function dwellSeconds(stream: RandomStream): number {
  const seconds = MEDIAN_SECONDS * Math.exp(LOG_SPREAD * stream.nextNormal());
  return Math.min(MAX_SECONDS, Math.max(1, Math.round(seconds)));
}

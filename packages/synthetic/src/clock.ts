import type { RandomStream } from '@gru4rec/random';
import { drawByWeight, runningSums } from './weighted-draw.ts';

const SECONDS_PER_DAY = 86_400;
const SECONDS_PER_HOUR = 3_600;
/** Midnight of the first day: 2024-03-01, UTC. */
const FIRST_SECOND: number = Date.UTC(2024, 2, 1) / 1000;
/** Visits by hour of the day: a quiet night, a rise at noon, the peak in the evening. */
const HOURS = runningSums(
  Float64Array.of(
    ...[14, 8, 5, 4, 4, 6, 12, 22, 32, 40, 46, 50],
    ...[54, 52, 50, 50, 52, 56, 62, 70, 78, 74, 54, 30],
  ),
);
/** Seconds on a page: log-normal, this median, at least 1 and at most half an hour less a second. */
const MEDIAN_SECONDS = 40;
const LOG_SPREAD = 1.1;
const MAX_SECONDS = 1_799;

/**
 * When a visit starts: visit times are the quantiles of the daily rhythm, so they ascend with `elapsedDays`.
 *
 * @param elapsedDays - days at the shop's mean rate, ≥ 0.
 * @returns whole seconds since 1970.
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

/** @returns whole seconds until the next click of a visit. */
export function dwellSeconds(stream: RandomStream): number {
  const seconds = MEDIAN_SECONDS * Math.exp(LOG_SPREAD * stream.nextNormal());
  return Math.min(MAX_SECONDS, Math.max(1, Math.round(seconds)));
}

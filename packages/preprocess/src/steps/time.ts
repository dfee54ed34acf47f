import type { TimeUnit } from '../options.ts';

/**
 * Numbers below this are taken for seconds, from it on for milliseconds: in seconds it is the year 5138, in
 * milliseconds March 1973.
 */
export const MS_FROM = 100_000_000_000;

/** SQL: whether a time is in the unit that was detected, by its size. */
export function plausibleTime(unit: TimeUnit): string {
  return unit === 'ms' ? `abs(ms_in_unit) >= ${MS_FROM}` : 'true';
}

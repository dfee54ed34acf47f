import type { TimeUnit } from '../options.ts';

/**
 * Numbers below this are taken for seconds, from it on for milliseconds: in seconds it is the year 5138, in
 * milliseconds March 1973.
 */
const MS_FROM = 100_000_000_000;

/**
 * Exact to the millisecond, as a DOUBLE is not. Further digits are rounded. DECIMAL(18, 3) is a 64-bit integer; any
 * wider one takes 19 µs a row instead of 0.1 (DuckDB 1.5.6). DuckDB would take 1_000 for a number.
 */
const number = `CASE WHEN NOT contains("time", '_') THEN TRY_CAST("time" AS DECIMAL(18, 3)) END`;

const looksLikeIso = `trim("time") LIKE '____-__-__%'`;
/** DuckDB wants a point, capitals, and seconds where there is a zone. */
const amended = String.raw`regexp_replace(replace(upper(trim("time")), ',', '.'), '^(.{10}[T ]\d\d:\d\d) ?(Z|[+-].*)$', '\1:00\2')`;
/**
 * TIMESTAMPTZ minds the zone and takes the session's, which is set to UTC, where none is given; TIMESTAMP would drop
 * the zone without a word. Amended only where needed.
 */
const isoTime = `
  CASE WHEN ${looksLikeIso}
    THEN coalesce(TRY_CAST("time" AS TIMESTAMPTZ), TRY_CAST(${amended} AS TIMESTAMPTZ)) END`;

/** SQL: the unit of column `time` by its looks, or NULL. */
export const timeUnitOf: string = `
  CASE WHEN abs(${number}) < ${MS_FROM} THEN 's' WHEN abs(${number}) < ${MS_FROM * 1000} THEN 'ms'
    WHEN ${isoTime} IS NOT NULL THEN 'iso' END`;

/** SQL: column `time` as milliseconds since 1970 UTC, rounded to whole ones, or NULL. */
export function timeInMs(unit: TimeUnit): string {
  if (unit === 'iso') return `CAST(floor((epoch_us(${isoTime}) + 500) / 1000) AS BIGINT)`;
  if (unit === 'ms') return `CAST(${number} AS BIGINT)`;
  return `CASE WHEN abs(${number}) < ${MS_FROM} THEN CAST(${number} * 1000 AS BIGINT) END`;
}

/** SQL: whether a time is in the unit that was detected, by its size. */
export function plausibleTime(unit: TimeUnit): string {
  return unit === 'ms' ? `abs(ms_in_unit) >= ${MS_FROM}` : 'true';
}

import type { TimeUnit } from '../../options.ts';
import { MS_FROM } from '../../steps/time.ts';
import type { TimeSql } from '../backend.ts';

/** Valid numbers. DuckDB also accepts an exponent without digits and one with a decimal point. */
const exponentForm = String.raw`\s*[+-]?(\d+\.?\d*|\.\d+)[eE][+-]?\d+\s*`;

/**
 * Exact to the millisecond, unlike DOUBLE; further digits are rounded. DECIMAL(18, 3) is a 64-bit integer. Wider decimals
 * take 19 µs per row instead of 0.1 (DuckDB 1.5.6), but only they round numbers with an exponent, which are rare,
 * correctly: 6e-9 as DECIMAL(18, 3) is 0.001. DuckDB would also accept 1_000 as a number.
 */
const number = `
  CASE WHEN contains(time_text, '_') THEN NULL
    WHEN contains(time_text, 'e') OR contains(time_text, 'E') THEN
      CASE WHEN regexp_full_match(time_text, '${exponentForm}')
        THEN TRY_CAST(TRY_CAST(time_text AS DECIMAL(38, 12)) AS DECIMAL(18, 3)) END
    ELSE TRY_CAST(time_text AS DECIMAL(18, 3)) END`;

/** Valid ISO 8601. DuckDB also accepts years of other lengths, names of zones, and years BC. */
const isoForm = String.raw`\d{4}-\d\d-\d\d([Tt ]([01]\d|2[0-3]):[0-5]\d(:[0-5]\d([.,]\d+)?)?( ?([Zz]|[+-](0\d|1[0-4])(:?[0-5]\d)?))?)?`;
/** The characters to trim: by default, `trim` also removes no-break spaces. */
const trimmed = `trim(time_text, ' ')`;
/** LIKE is tested first because it is cheaper. */
const looksLikeIso = `${trimmed} LIKE '____-__-__%' AND regexp_full_match(${trimmed}, '${isoForm}')`;
/** Converts to the form that DuckDB requires: a decimal point, capitals, no blank before a zone, and seconds if there is a zone. */
const amended = String.raw`regexp_replace(regexp_replace(replace(upper(${trimmed}), ',', '.'), '^(.{10}[T ][0-9:.]+) (Z|[+-].*)$', '\1\2'), '^(.{10}[T ]\d\d:\d\d)(Z|[+-].*)$', '\1:00\2')`;
/**
 * TIMESTAMPTZ respects the zone, and without one uses the zone of the session, which is set to UTC. TIMESTAMP would silently
 * drop the zone. Times are converted only where needed.
 */
const isoTime = `
  CASE WHEN ${looksLikeIso}
    THEN coalesce(TRY_CAST(time_text AS TIMESTAMPTZ), TRY_CAST(${amended} AS TIMESTAMPTZ)) END`;

const unit = `
  CASE WHEN abs(${number}) < ${MS_FROM} THEN 's' WHEN abs(${number}) < ${MS_FROM * 1000} THEN 'ms'
    WHEN ${isoTime} IS NOT NULL THEN 'iso' END`;

function inMs(unit: TimeUnit): string {
  // Made positive, so that integer division rounds down. As a DOUBLE, times after 2255 would not be exact.
  if (unit === 'iso') return `(epoch_us(${isoTime}) + 100_000_000_000_000_500) // 1000 - 100_000_000_000_000`;
  if (unit === 'ms') return `CAST(${number} AS BIGINT)`;
  return `CASE WHEN abs(${number}) < ${MS_FROM} THEN CAST(${number} * 1000 AS BIGINT) END`;
}

/** SQL for times that are text. */
export const textTime: TimeSql = { unit, inMs };

/** The same limit as for text, which has at most 15 digits before the point. */
const integer = 'CASE WHEN time_text BETWEEN -999_999_999_999_999 AND 999_999_999_999_999 THEN time_text END';

/** SQL for times that are integers, with the same result as for their text. */
export const integerTime: TimeSql = {
  unit: `CASE WHEN abs(${integer}) < ${MS_FROM} THEN 's' WHEN abs(${integer}) < ${MS_FROM * 1000} THEN 'ms' END`,
  inMs(unit) {
    if (unit === 'iso') return 'CAST(NULL AS BIGINT)';
    return unit === 'ms' ? integer : `CASE WHEN abs(${integer}) < ${MS_FROM} THEN time_text * 1000 END`;
  },
};

import type { TimeUnit } from '../../options.ts';
import { MAX_STAMP, MIN_STAMP, MS_FROM, type TimeSql } from '../backend.ts';

/** Valid numbers. DuckDB also accepts an exponent without digits and one with a decimal point. */
const exponentForm = String.raw`\s*[+-]?(\d+\.?\d*|\.\d+)[eE][+-]?\d+\s*`;

/**
 * Exact to the millisecond, unlike DOUBLE. Wider decimals than DECIMAL(18, 3) take 19 µs per row instead of 0.1 (DuckDB 1.5.6),
 * but only they round numbers with an exponent correctly. DuckDB would also accept 1_000.
 */
const numberAs = (type: string) => `
  CASE WHEN contains(time_text, '_') THEN NULL
    WHEN contains(time_text, 'e') OR contains(time_text, 'E') THEN
      CASE WHEN regexp_full_match(time_text, '${exponentForm}')
        THEN TRY_CAST(TRY_CAST(time_text AS DECIMAL(38, 12)) AS ${type}) END
    ELSE TRY_CAST(time_text AS ${type}) END`;
const number = numberAs('DECIMAL(18, 3)');
/** Integers with more digits than `number`. */
const whole = numberAs('DECIMAL(18, 0)');

/** Valid ISO 8601. DuckDB also accepts years of other lengths, names of zones, and years BC. */
const isoForm = String.raw`\d{4}-\d\d-\d\d([Tt ]([01]\d|2[0-3]):[0-5]\d(:[0-5]\d([.,]\d+)?)?( ?([Zz]|[+-](0\d|1[0-4])(:?[0-5]\d)?))?)?`;
/** The characters to trim: by default, `trim` also removes no-break spaces. */
const trimmed = `trim(time_text, ' ')`;
/** LIKE is tested first because it is cheaper. */
const looksLikeIso = `${trimmed} LIKE '____-__-__%' AND regexp_full_match(${trimmed}, '${isoForm}')`;
/** DuckDB requires a decimal point, capitals, no blank before a zone, and seconds if there is a zone. */
const amended = String.raw`regexp_replace(regexp_replace(replace(upper(${trimmed}), ',', '.'), '^(.{10}[T ][0-9:.]+) (Z|[+-].*)$', '\1\2'), '^(.{10}[T ]\d\d:\d\d)(Z|[+-].*)$', '\1:00\2')`;
/** Without a zone, TIMESTAMPTZ uses that of the session, UTC. TIMESTAMP would silently drop a zone. */
const isoTime = `
  CASE WHEN ${looksLikeIso}
    THEN coalesce(TRY_CAST(time_text AS TIMESTAMPTZ), TRY_CAST(${amended} AS TIMESTAMPTZ)) END`;

const carefulUnit = `
  CASE WHEN abs(${number}) < ${MS_FROM} THEN 's' WHEN abs(${number}) < ${MS_FROM * 1000} THEN 'ms'
    WHEN abs(${whole}) < ${MS_FROM * 1e6} THEN 'us' WHEN ${isoTime} IS NOT NULL THEN 'iso' END`;

function carefulMs(unit: TimeUnit): string {
  if (unit === 'iso') return flooredMs(`epoch_us(${isoTime})`);
  if (unit === 'ms') return `CAST(${number} AS BIGINT)`;
  if (unit === 'us') return flooredMs(`CAST(${whole} AS BIGINT)`);
  return `CASE WHEN abs(${number}) < ${MS_FROM} THEN CAST(${number} * 1000 AS BIGINT) END`;
}

/** Made positive, so that integer division rounds down. As a DOUBLE, times after 2255 would not be exact. */
function flooredMs(us: string): string {
  return `(${us} + 100_000_000_000_000_500) // 1000 - 100_000_000_000_000`;
}

/** Greater numbers are no time in any unit. */
const MAX_NUMBER = 1e6 * MS_FROM - 1;

/** The usual ISO 8601, which DuckDB reads in the same way with and without `isoTime`. */
const usualForm = String.raw`\d{4}-\d\d-\d\d[T ]([01]\d|2[0-3]):[0-5]\d:[0-5]\d(\.\d{1,6})?Z?`;
const usualTime = `
  CASE WHEN regexp_full_match(time_text, '${usualForm}')
    THEN ${flooredMs('epoch_us(TRY_CAST(time_text AS TIMESTAMP))')} END`;

interface TimeColumns {
  /** Expressions that `inner` reads. */
  readonly casts: readonly string[];
  /** Expressions that `time` and `text` read. */
  readonly inner: readonly string[];
  readonly time: string;
  readonly text: string;
}

/**
 * Columns `time` and `time_text` of table `raw`. A plain integer has no `time_text`; the usual ISO 8601 has both. Only a row
 * without `time` is parsed by the careful rules.
 */
export const timeColumns: Readonly<Record<'text' | 'integer' | 'parsed', TimeColumns>> = {
  text: {
    casts: ['TRY_CAST(time_text AS BIGINT) AS time_cast'],
    inner: [
      `CASE WHEN time_cast BETWEEN -${MAX_NUMBER} AND ${MAX_NUMBER} AND CAST(time_cast AS VARCHAR) = time_text
         THEN time_cast END AS time_number`,
    ],
    time: `CASE WHEN time_number IS NOT NULL THEN time_number ELSE ${usualTime} END`,
    text: 'CASE WHEN time_number IS NULL THEN time_text END',
  },
  integer: {
    casts: [],
    inner: [],
    time: `CASE WHEN time_text BETWEEN -${MAX_NUMBER} AND ${MAX_NUMBER} THEN time_text END`,
    text: `CASE WHEN time_text NOT BETWEEN -${MAX_NUMBER} AND ${MAX_NUMBER} THEN CAST(time_text AS VARCHAR) END`,
  },
  parsed: { casts: [], inner: [], time: 'time', text: 'time_text' },
};

/** SQL: milliseconds since 1970 for a column of timestamps or dates, rounded; NULL if infinite. */
function stampMs(column: string): string {
  return `CASE WHEN isfinite(${column}) THEN ${flooredMs(`epoch_us(${column})`)} END`;
}

/** SQL: `time` and `time_text` for a column of timestamps or dates with this text, which is left out if there is a `time`. */
export function stampColumns(column: string, text: string): string {
  const ms = stampMs(column);
  const isPlain = `${ms} BETWEEN ${MIN_STAMP} AND ${MAX_STAMP}`;
  return `CASE WHEN ${isPlain} THEN ${ms} END AS time, CASE WHEN ${isPlain} THEN '' ELSE ${text} END AS time_text`;
}

export const duckDbTime: TimeSql = {
  unit: `
    CASE WHEN time IS NULL THEN ${carefulUnit} WHEN time_text IS NOT NULL THEN 'iso'
      WHEN abs(time) < ${MS_FROM} THEN 's' WHEN abs(time) < ${MS_FROM * 1000} THEN 'ms'
      WHEN abs(time) < ${MS_FROM * 1e6} THEN 'us' END`,
  inMs(unit) {
    const isPlain = `time_text IS ${unit === 'iso' ? 'NOT ' : ''}NULL`;
    const isInUnit = unit === 's' ? `${isPlain} AND abs(time) < ${MS_FROM}` : isPlain;
    return `
      CASE WHEN time IS NULL THEN ${carefulMs(unit)}
        WHEN ${isInUnit} THEN ${unit === 's' ? 'time * 1000' : unit === 'us' ? flooredMs('time') : 'time'} END`;
  },
  text: 'coalesce(time_text, CAST(time AS VARCHAR))',
};

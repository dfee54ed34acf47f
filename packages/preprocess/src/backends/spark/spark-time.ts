import type { TimeUnit } from '../../options.ts';
import { MS_FROM } from '../../reading/time.ts';
import type { TimeSql } from '../backend.ts';
import { sparkQuote } from './spark-quote.ts';

/** Valid numbers. Exponents of four digits would make Java's decimals very slow. */
const numberForm = sparkQuote(String.raw`\A[ \t-\r]*[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?0*\d{1,3})?[ \t-\r]*\z`);

/** Milliseconds, exact; further digits are rounded. */
const number = `
  CASE WHEN NOT time_text RLIKE ${numberForm} THEN NULL
    WHEN instr(lower(time_text), 'e') > 0 THEN CAST(CAST(time_text AS DECIMAL(38, 12)) AS DECIMAL(18, 3))
    ELSE CAST(time_text AS DECIMAL(18, 3)) END`;

const isoForm = sparkQuote(
  String.raw`\A\d{4}-\d\d-\d\d([Tt ]([01]\d|2[0-3]):[0-5]\d(:[0-5]\d([.,]\d+)?)?( ?([Zz]|[+-](0\d|1[0-4])(:?[0-5]\d)?))?)?\z`,
);
/** Converts to the form that Spark requires: a decimal point, capitals, no blank before a zone, and seconds if there is a zone. */
const withoutBlank = `regexp_replace(replace(upper(trim(time_text)), ',', '.'),
  ${sparkQuote(String.raw`\A(.{10}[T ][0-9:.]+) (Z|[+-].*)\z`)}, '$1$2')`;
const amended = `regexp_replace(${withoutBlank}, ${sparkQuote(String.raw`\A(.{10}[T ]\d\d:\d\d)(Z|[+-].*)\z`)}, '$1:00$2')`;
/** Without a zone, Spark uses the zone of the session, which is set to UTC. */
const isoTime = `CASE WHEN trim(time_text) RLIKE ${isoForm} THEN CAST(${amended} AS TIMESTAMP) END`;

const unit = `
  CASE WHEN abs(${number}) < ${MS_FROM} THEN 's' WHEN abs(${number}) < ${MS_FROM * 1000} THEN 'ms'
    WHEN ${isoTime} IS NOT NULL THEN 'iso' END`;

function inMs(unit: TimeUnit): string {
  // Made positive, so that integer division rounds down.
  if (unit === 'iso') return `(unix_micros(${isoTime}) + 100000000000000500) div 1000 - 100000000000000`;
  if (unit === 'ms') return `CAST(round(${number}) AS BIGINT)`;
  return `CASE WHEN abs(${number}) < ${MS_FROM} THEN CAST(${number} * 1000 AS BIGINT) END`;
}

/** SQL for times on Spark. */
export const sparkTime: TimeSql = { text: 'time_text', unit, inMs };

import type { TimeUnit } from '../../options.ts';
import { MS_FROM, type TimeSql } from '../backend.ts';

/** What is special to the parser or not ASCII is written by its code. */
export function sparkQuote(text: string): string {
  const escaped = text.replace(
    /[^A-Za-z0-9 _.,:/=(){}[\]^*+?|<>@-]/g,
    (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );
  return `'${escaped}'`;
}

export function sparkIdentifier(name: string): string {
  return `\`${name.replaceAll('`', '``')}\``;
}

/** Milliseconds, exact; further digits are rounded. */
const number = 'CAST(time_text AS DECIMAL(18, 3))';
/** Spark would also read a number as a year. */
const stamp = "CASE WHEN time_text RLIKE '^(?!0000)[0-9]{4}-' THEN CAST(time_text AS TIMESTAMP) END";

const unit = `
  CASE WHEN abs(${number}) < ${MS_FROM} THEN 's' WHEN abs(${number}) < ${MS_FROM * 1000} THEN 'ms'
    WHEN ${stamp} IS NOT NULL THEN 'iso' END`;

function inMs(unit: TimeUnit): string {
  // Made positive, so that integer division rounds down.
  if (unit === 'iso') return `(unix_micros(${stamp}) + 100000000000000500) div 1000 - 100000000000000`;
  if (unit === 'ms') return `CAST(round(${number}) AS BIGINT)`;
  return `CASE WHEN abs(${number}) < ${MS_FROM} THEN CAST(${number} * 1000 AS BIGINT) END`;
}

/** From the text of a column of numbers, timestamps or dates. */
export const sparkTime: TimeSql = { text: 'time_text', unit, inMs };

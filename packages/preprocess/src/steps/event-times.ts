import type { Backend } from '../backends/backend.ts';
import { splitNumbers } from './sessionize.ts';

const HOUR_MS = 3_600_000;
/** Share of the events that may lie after the bulk. */
const OUTSIDE = 0.001;

/** Events per hour since 1970 UTC, in order of time. */
export type EventHours = readonly { readonly hour: number; readonly events: number }[];

/** Counts the events of each split per hour. */
export async function countHours(db: Backend): Promise<ReadonlyMap<number, EventHours>> {
  const rows = await db.rows(
    `SELECT split, CAST(floor(CAST(ms AS DOUBLE) / ${HOUR_MS}) AS BIGINT) AS hour, count(*) AS events
     FROM events GROUP BY 1, 2 ORDER BY 1, 2`,
  );
  const hours = new Map<number, { hour: number; events: number }[]>();
  for (const { split, hour, events } of rows) {
    const own = hours.get(Number(split)) ?? [];
    own.push({ hour: Number(hour), events: Number(events) });
    hours.set(Number(split), own);
  }
  return hours;
}

/**
 * The time by which 99.9 % of the training events lie: the largest time after the `⌊n / 1000⌋` latest of n events.
 */
export async function bulkEnd(db: Backend): Promise<number> {
  const from = `FROM events WHERE split = ${splitNumbers.train}`;
  const { events = 0 } = await db.numbers(`SELECT count(*) AS events ${from}`);
  const { ms = 0 } = await db.numbers(
    `SELECT ms ${from} ORDER BY ms DESC LIMIT 1 OFFSET ${Math.floor(events * OUTSIDE)}`,
  );
  return ms;
}

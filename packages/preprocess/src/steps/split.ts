import type { DuckDb } from '../backends/duckdb.ts';
import { splitNumbers } from './sessionize.ts';

const DAY_MS = 86_400_000;

/**
 * Moves the training sessions whose last event lies in the last `days` of the training events to another split, as
 * whole sessions: the rule of the RSC15 preprocessing that the field compares on.
 */
export async function splitLastDays(db: DuckDb, split: 'validation' | 'test', days: number): Promise<void> {
  await db.run(`
    UPDATE events SET split = ${splitNumbers[split]}
    WHERE split = ${splitNumbers.train} AND session IN (
      SELECT session FROM events WHERE split = ${splitNumbers.train} GROUP BY session
      HAVING max("time") >= (SELECT max("time") FROM events WHERE split = ${splitNumbers.train})
        - ${Math.round(days * DAY_MS)})`);
}

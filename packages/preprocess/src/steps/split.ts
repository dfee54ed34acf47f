import type { Backend } from '../backends/backend.ts';
import { splitNumbers } from './sessionize.ts';

const DAY_MS = 86_400_000;

/**
 * Moves the training sessions whose last event is in the last `days` of the training events to another split. This is the
 * rule of the usual RSC15 preprocessing.
 */
export async function splitLastDays(db: Backend, split: 'validation' | 'test', days: number): Promise<void> {
  const { train } = splitNumbers;
  const among = `
    SELECT session FROM events WHERE split = ${train} GROUP BY session
    HAVING max(ms) >= (SELECT max(ms) FROM events WHERE split = ${train}) - ${Math.round(days * DAY_MS)}`;
  await db.move({ column: 'session', among, split: train }, splitNumbers[split]);
}

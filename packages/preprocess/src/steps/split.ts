import { DataError } from '@gru4rec/sessions';
import type { Backend } from '../backends/backend.ts';
import type { CutSplit, SplitRule } from '../split-options.ts';
import type { EventCounts } from './event-counts.ts';
import { bulkEnd } from './event-times.ts';
import { splitNumbers } from './sessionize.ts';

const DAY_MS = 86_400_000;
const ofTraining = `FROM session_counts WHERE split = ${splitNumbers.train}`;

/** A split to cut off, and what its rule refers to. */
export interface Cut {
  readonly split: CutSplit;
  readonly rule: SplitRule;
  /** Training sessions before any split. */
  readonly sessions: number;
  /** Named in errors. */
  readonly file: string;
}

/** Number of training sessions. */
export async function countTraining(db: Backend, counts: EventCounts): Promise<number> {
  await counts.update('session');
  const { sessions = 0 } = await db.numbers(`SELECT count(*) AS sessions ${ofTraining}`);
  return sessions;
}

/**
 * Moves training sessions to another split by the time of their last event. By days this is the rule of the usual RSC15
 * preprocessing.
 *
 * @throws DataError if the split begins after all sessions.
 */
export async function cutOff(
  db: Backend,
  counts: EventCounts,
  { split, rule, sessions, file }: Cut,
): Promise<void> {
  await counts.update('session');
  const to = splitNumbers[split];
  if ('fraction' in rule) return moveLatest(db, counts, Math.round(rule.fraction * sessions), to);
  if ('days' in rule) {
    const end = rule.fromBulk ? await bulkEnd(db) : await lastEnd(db);
    return counts.moveFrom(end - Math.round(rule.days * DAY_MS), to);
  }
  const last = await lastEnd(db);
  if (rule.fromMs > last) {
    const [got, expected] = [rule.fromMs, last].map((ms) => new Date(ms).toISOString());
    const message = `prepare: "${split}From" expected a time up to ${expected}, when the last session ends, got ${got}, at ${file}. Choose an earlier time.`;
    throw new DataError(message, { file });
  }
  await counts.moveFrom(rule.fromMs, to);
}

async function lastEnd(db: Backend): Promise<number> {
  const { last = 0 } = await db.numbers(`SELECT max(last) AS last ${ofTraining}`);
  return last;
}

/** Moves the `wanted` training sessions that end last; of those that end at the same time, the ones that started last. */
async function moveLatest(db: Backend, counts: EventCounts, wanted: number, to: number): Promise<void> {
  if (wanted === 0) return;
  const { last = 0 } = await db.numbers(
    `SELECT last ${ofTraining} ORDER BY last DESC LIMIT 1 OFFSET ${wanted - 1}`,
  );
  const { later = 0 } = await db.numbers(`SELECT count(*) AS later ${ofTraining} AND last > ${last}`);
  await counts.move(
    `SELECT session ${ofTraining} AND last > ${last}
     UNION ALL SELECT session FROM (
       SELECT session, row_number() OVER (ORDER BY first DESC) AS place ${ofTraining} AND last = ${last}) tied
     WHERE place <= ${wanted - later}`,
    to,
  );
}

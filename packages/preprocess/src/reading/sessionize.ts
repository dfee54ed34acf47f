import type { Backend } from '../backends/backend.ts';
import type { EventSet } from '../events/event-set.ts';
import { SqlEvents } from '../events/sql-events.ts';
import { keptColumns } from '../input/columns.ts';
import type { CheckedOptions } from '../options.ts';
import { splitNumbers } from '../steps/split-numbers.ts';

/** The rows to sort. */
export interface SortedRows {
  /** Number of sound rows. */
  readonly rows: number;
  /** First row of `raw` that belongs to the test split. */
  readonly firstTestRow: number;
  /** Called with the fraction that is done, if events are loaded into memory. */
  readonly onProgress: (fraction: number) => void;
}

/** Sorts the sound rows by (time, order of the file, row), and cuts them into sessions. */
export async function sessionize(
  db: Backend,
  { rows, firstTestRow, onProgress }: SortedRows,
  options: CheckedOptions,
): Promise<EventSet> {
  const hasContext = keptColumns(options).length > 0;
  const [context, from] = hasContext
    ? [', number AS context', 'judged JOIN contexts ON contexts.name = judged.context']
    : ['', 'judged'];
  const query = `
    SELECT pos, record, session, item, ms,
      CAST(CASE WHEN pos >= ${firstTestRow} THEN ${splitNumbers.test} ELSE ${splitNumbers.train} END AS TINYINT) AS split${context}
    FROM ${from} WHERE problem IS NULL AND is_kept`;
  const inMemory = await db.loadEvents?.(query, rows, onProgress);
  if (inMemory !== undefined) return inMemory;
  await db.createSorted(query);
  const isCut = options.userColumn !== undefined;
  if (isCut) await cutByGap(db, options.sessionGapMs, hasContext ? ', context' : '');
  await db.createEvents(isCut ? 'cut' : 'sorted');
  return new SqlEvents(db, hasContext);
}

/**
 * Cuts the events of each user at pauses longer than the gap. Session n of user u, from 1, is `u#n`.
 * @param context - SQL: further columns.
 */
async function cutByGap(db: Backend, gapMs: number, context: string): Promise<void> {
  const ord = db.place.sorted;
  const number = `CAST(1 + sum(CASE WHEN pause > ${gapMs} THEN 1 ELSE 0 END)
    OVER (PARTITION BY split, session ORDER BY ord) AS BIGINT)`;
  await db.createTable(
    'cut',
    `SELECT ord, item, ms, split${context},
      ${db.sessionOfUser('session', number)} AS session
    FROM (
      SELECT ${ord} AS ord, session, item, ms, split${context},
        ms - lag(ms) OVER (PARTITION BY split, session ORDER BY ${ord}) AS pause
      FROM sorted)`,
  );
  await db.drop('sorted');
}

import type { Backend, LoadedLog, ReadLog } from '../backends/backend.ts';
import { sortedRows } from '../bad-rows.ts';
import { type EventSet, splitNumbers } from '../events/event-set.ts';
import { readContexts } from '../events/read-contexts.ts';
import { SqlEvents } from '../events/sql-events.ts';
import { keptColumns } from '../input/columns.ts';
import type { CheckedOptions } from '../options.ts';
import type { ProgressReporter } from '../progress.ts';
import type { RowsCounted } from '../steps.ts';
import {
  checkAnyRow,
  countDistinct,
  countRows,
  detectTimeUnit,
  findAbsentTypes,
  findBadRows,
  judgeRows,
  type RowCounts,
  rowFilters,
} from './judge-rows.ts';

/** A plain log needs only `read`, not `sort`. */
export type LogReader = ReturnType<typeof logReader>;

export function logReader(db: Backend, options: CheckedOptions, progress: ProgressReporter) {
  let loaded: LoadedLog | undefined;
  let log: ReadLog | undefined;
  const onFile = (file: string, index: number, count: number) =>
    progress.part(file, index / count, 1 / count);
  return {
    get log(): ReadLog {
      if (log === undefined) throw new Error('logReader: the log is not read.');
      return log;
    },
    async read(): Promise<undefined> {
      log = await db.readPlain?.(onFile);
      if (log === undefined) loaded = await db.read(onFile);
    },
    async sort(): Promise<undefined> {
      if (loaded !== undefined) log = await readRows(db, loaded, options, progress);
    },
  };
}

/** Share of the time of sorting in which the rows are judged. */
const JUDGED = 0.12;

async function readRows(
  db: Backend,
  { files, badRows: unreadable }: LoadedLog,
  options: CheckedOptions,
  progress: ProgressReporter,
): Promise<ReadLog> {
  progress.part('check rows', 0, JUDGED);
  const timeUnit = options.timeUnit ?? (await detectTimeUnit(db, files));
  await judgeRows(db, timeUnit ?? 's', files, options);
  const counts = await countRows(db);
  await findAbsentTypes(db, options);
  const bad = counts.sound < counts.read ? await findBadRows(db, files, timeUnit, options) : [];
  const badRows = {
    count: unreadable.count + counts.read - counts.sound,
    listed: sortedRows([...unreadable.listed, ...bad], files),
  };
  checkAnyRow(files, counts);
  const isWhole = counts.kept === counts.read && unreadable.count === 0 && options.testInputs === undefined;
  const rows = isWhole ? [] : await countSteps(db, options, counts, unreadable.count);
  progress.part('sort into sessions', JUDGED, 1 - JUDGED);
  const firstTestRow = files.find(({ isTest }) => isTest)?.firstRow ?? Number.MAX_SAFE_INTEGER;
  const onProgress = (fraction: number) =>
    progress.report('sort into sessions', JUDGED + (1 - JUDGED) * fraction);
  const contexts = await readContexts(db, options);
  const events = await sessionize(db, { rows: counts.kept, firstTestRow, onProgress }, options);
  return { files, badRows, timeUnit: timeUnit ?? 's', rows, events, ...(contexts && { contexts }) };
}

async function countSteps(
  db: Backend,
  { userColumn, eventTypes }: CheckedOptions,
  { read, sound }: RowCounts,
  unreadable: number,
): Promise<RowsCounted[]> {
  const count = async (step: string, among: keyof RowCounts, more = 0) => {
    const counts = await countDistinct(db, `judged WHERE ${rowFilters[among]}`);
    const sessions = userColumn === undefined ? counts.sessions : null;
    return { ...counts, step, events: counts.events + more, sessions };
  };
  const rows = [await count('rows read', 'read', unreadable)];
  if (sound < read + unreadable) rows.push(await count('bad rows', 'sound'));
  if (eventTypes !== undefined) rows.push(await count('other event types', 'kept'));
  return rows;
}

export interface SortedRows {
  readonly rows: number;
  readonly firstTestRow: number;
  readonly onProgress: (fraction: number) => void;
}

/** Sorts by (time, order of the file, row). */
async function sessionize(
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

/** Session n of user u, from 1, is `u#n`. */
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

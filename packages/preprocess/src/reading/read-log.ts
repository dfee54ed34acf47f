import type { Backend, LoadedLog, ReadLog } from '../backends/backend.ts';
import { sortedRows } from '../bad-rows.ts';
import { readContexts } from '../events/read-contexts.ts';
import type { RowsCounted } from '../funnel.ts';
import type { CheckedOptions } from '../options.ts';
import type { ProgressReporter } from '../progress.ts';
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
import { sessionize } from './sessionize.ts';

/**
 * Reads all files, judges their rows and cuts the events into sessions. A plain log needs no judgement.
 *
 * @throws DataError at bad input.
 */
export async function readLog(
  db: Backend,
  options: CheckedOptions,
  progress: ProgressReporter,
): Promise<ReadLog> {
  const onFile = (file: string, index: number, count: number) =>
    progress.part(file, index / count, 1 / count);
  progress.begin(options.inputs[0] ?? '');
  const plain = await db.readPlain?.(onFile);
  return plain ?? readRows(db, await db.read(onFile), options, progress);
}

/** Judges the rows of table `raw`, and cuts those that become events into sessions. */
async function readRows(
  db: Backend,
  { files, badRows: unreadable }: LoadedLog,
  options: CheckedOptions,
  progress: ProgressReporter,
): Promise<ReadLog> {
  progress.begin('check rows');
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
  progress.begin('sort into sessions');
  const firstTestRow = files.find(({ isTest }) => isTest)?.firstRow ?? Number.MAX_SAFE_INTEGER;
  const onProgress = (fraction: number) => progress.report('sort into sessions', fraction);
  const contexts = await readContexts(db, options);
  const events = await sessionize(db, { rows: counts.kept, firstTestRow, onProgress }, options);
  return { files, badRows, timeUnit: timeUnit ?? 's', rows, events, ...(contexts && { contexts }) };
}

/** Counts the rows that were read, those that are not bad, and those of the event types to keep. */
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

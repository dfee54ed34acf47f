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

/** Reads a log in two steps. A plain log needs only the first. */
export class LogReader {
  readonly #db: Backend;
  readonly #options: CheckedOptions;
  readonly #progress: ProgressReporter;
  #loaded: LoadedLog | undefined;
  #log: ReadLog | undefined;

  constructor(db: Backend, options: CheckedOptions, progress: ProgressReporter) {
    this.#db = db;
    this.#options = options;
    this.#progress = progress;
  }

  /** The log, after both steps. */
  get log(): ReadLog {
    if (this.#log === undefined) throw new Error('LogReader: the log is not read.');
    return this.#log;
  }

  /** Reads all files. @throws DataError if one cannot be read. */
  async read(): Promise<undefined> {
    const onFile = (file: string, index: number, count: number) =>
      this.#progress.part(file, index / count, 1 / count);
    this.#log = await this.#db.readPlain?.(onFile);
    if (this.#log === undefined) this.#loaded = await this.#db.read(onFile);
  }

  /** Judges the rows and cuts the events into sessions. @throws DataError at bad input. */
  async sort(): Promise<undefined> {
    if (this.#loaded === undefined) return;
    this.#log = await readRows(this.#db, this.#loaded, this.#options, this.#progress);
  }
}

/** Share of the time of sorting in which the rows are judged. */
const JUDGED = 0.12;

/** Judges the rows of table `raw`, and cuts those that become events into sessions. */
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

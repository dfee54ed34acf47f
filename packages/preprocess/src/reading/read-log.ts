import { didYouMean, shorten, show, showNames } from '@gru4rec/checks';
import { type ContextColumn, DataError, MOST_CONTEXT_VALUES, OTHER_VALUES } from '@gru4rec/dataset';
import {
  type Backend,
  type LoadedFile,
  type LoadedLog,
  MS_FROM,
  type RowPlace,
} from '../backends/backend.ts';
import { arrayOf, textsOf } from '../backends/duckdb/chunk-values.ts';
import { type BadRow, type BadRows, badRowError, MAX_LISTED_ROWS, sortedRows } from '../bad-rows.ts';
import { type EventCounts, EventSet, nameFrom, splitNumbers } from '../events/event-set.ts';
import { type Contexts, columnNames, contextText, keptColumns } from '../input/columns.ts';
import { type CheckedOptions, type TimeUnit, timeUnits } from '../options.ts';
import type { ProgressReporter } from '../progress.ts';
import type { RowsCounted } from '../steps.ts';

/** What all further steps work on. */
interface ReadLog extends LoadedLog {
  readonly timeUnit: TimeUnit;
  /** For the funnel; none if every row became an event. */
  readonly rows: readonly RowsCounted[];
  readonly events: EventSet;
  /** A warning of event types that do not occur. */
  readonly absent?: string | undefined;
  readonly contexts?: Contexts | undefined;
}

export type LogReader = ReturnType<typeof logReader>;

export function logReader(
  db: Backend,
  options: CheckedOptions,
  progress: ProgressReporter,
  badItems: BadRows,
) {
  let loaded: LoadedLog | undefined;
  let log: ReadLog | undefined;
  return {
    get log(): ReadLog {
      if (log === undefined) throw new Error('logReader: the log is not read.');
      return log;
    },
    async read(): Promise<void> {
      loaded = await db.read((file, index, count) => progress.part(file, index / count, 1 / count));
    },
    async sort(): Promise<void> {
      if (loaded !== undefined) log = await readRows(db, { ...loaded, badItems }, options, progress);
    },
  };
}

/** Share of the time of sorting in which the rows are judged. */
const JUDGED = 0.12;

async function readRows(
  db: Backend,
  { files, badRows: unreadable, badItems }: LoadedLog & { readonly badItems: BadRows },
  options: CheckedOptions,
  progress: ProgressReporter,
): Promise<ReadLog> {
  progress.part('check rows', 0, JUDGED);
  const timeUnit = options.timeUnit ?? (await detectTimeUnit(db, files));
  await judgeRows(db, timeUnit ?? 's', files, options);
  const counts = await countRows(db);
  const absent = await absentTypes(db, options);
  const bad = counts.sound < counts.read ? await findBadRows(db, files, timeUnit, options) : [];
  const badRows = {
    count: unreadable.count + counts.read - counts.sound + badItems.count,
    listed: [...sortedRows([...unreadable.listed, ...bad], files), ...badItems.listed],
  };
  checkAnyRow(files, counts, absent, badRows.count);
  const isWhole = counts.kept === counts.read && unreadable.count === 0 && options.testInputs === undefined;
  const rows = isWhole ? [] : await countSteps(db, options, counts, unreadable.count);
  progress.part('sort into sessions', JUDGED, 1 - JUDGED);
  const firstTestRow = files.find(({ isTest }) => isTest)?.firstRow ?? Number.MAX_SAFE_INTEGER;
  const contexts = await readContexts(db, options);
  const events = await sessionize(db, firstTestRow, options);
  return { files, badRows, timeUnit: timeUnit ?? 's', rows, events, absent, contexts };
}

async function countSteps(
  db: Backend,
  { userColumn, eventTypes }: CheckedOptions,
  { read, sound }: RowCounts,
  unreadable: number,
): Promise<RowsCounted[]> {
  const count = async (step: string, among: keyof RowCounts, more = 0) => {
    const counts = await db.numbers<keyof EventCounts>(`
      SELECT count(*) AS events, count(DISTINCT session) AS sessions, count(DISTINCT item) AS items
      FROM judged WHERE ${rowFilters[among]}`);
    const sessions = userColumn === undefined ? counts.sessions : null;
    return { ...counts, step, events: counts.events + more, sessions };
  };
  const rows = [await count('rows read', 'read', unreadable)];
  if (sound < read + unreadable) rows.push(await count('bad rows', 'sound'));
  if (eventTypes !== undefined) rows.push(await count('other event types', 'kept'));
  return rows;
}

/** Sorts by (time, order of the file, row). */
async function sessionize(db: Backend, firstTestRow: number, options: CheckedOptions): Promise<EventSet> {
  const hasContext = keptColumns(options).length > 0;
  const [context, from] = hasContext
    ? [', number AS context', 'judged JOIN contexts ON contexts.name = judged.context']
    : ['', 'judged'];
  const query = `
    SELECT pos, record, session, item, ms,
      CAST(CASE WHEN pos >= ${firstTestRow} THEN ${splitNumbers.test} ELSE ${splitNumbers.train} END AS TINYINT) AS split${context}
    FROM ${from} WHERE problem IS NULL AND is_kept`;
  await db.createSorted(query);
  const isCut = options.userColumn !== undefined;
  if (isCut) await cutByGap(db, options.sessionGapMs, hasContext ? ', context' : '');
  await db.createEvents(isCut ? 'cut' : 'sorted');
  return new EventSet(db, hasContext);
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

interface RowCounts {
  /** All rows that could be read; `sound` without bad rows; `kept` also without other event types. */
  readonly read: number;
  readonly sound: number;
  readonly kept: number;
}

/** The unit of most times; others are bad, except timestamps, which are `iso`. @returns undefined without any time. */
async function detectTimeUnit(db: Backend, files: readonly LoadedFile[]): Promise<TimeUnit | undefined> {
  const isOpen = files.some(({ hasTimestamps }) => !hasTimestamps);
  const among = isOpen ? `WHERE NOT (${isTimestamp(db, files)})` : '';
  const counts = await db.numbers(`
    SELECT ${timeUnits.map((unit) => `count(*) FILTER (WHERE unit = '${unit}') AS ${unit}`).join(', ')}
    FROM (SELECT ${db.time.unit} AS unit FROM raw ${among})`);
  const count = (unit: TimeUnit) => counts[unit] ?? 0;
  const unit = timeUnits.reduce((best, other) => (count(other) > count(best) ? other : best));
  return count(unit) > 0 ? unit : undefined;
}

function isTimestamp(db: Backend, files: readonly LoadedFile[]): string {
  const ranges: { from: number; end: number }[] = [];
  for (const { hasTimestamps, firstRow, endRow } of files) {
    if (!hasTimestamps) continue;
    const last = ranges.at(-1);
    if (last?.end === firstRow) last.end = endRow;
    else ranges.push({ from: firstRow, end: endRow });
  }
  const { raw } = db.place;
  return ranges.map(({ from, end }) => `(${raw} >= ${from} AND ${raw} < ${end})`).join(' OR ') || 'false';
}

/** Creates view `judged`: the rows of `raw` with `ms` and `problem`, the column with a bad value. */
async function judgeRows(
  db: Backend,
  unit: TimeUnit,
  files: readonly LoadedFile[],
  options: CheckedOptions,
): Promise<void> {
  const { eventTypes = [] } = options;
  const isKept = eventTypes.length === 0 ? 'true' : `event IN (${eventTypes.map(db.quote).join(', ')})`;
  const isEventMissing = eventTypes.length === 0 ? 'false' : 'event IS NULL';
  const isMixed = unit !== 'iso' && files.some(({ hasTimestamps }) => hasTimestamps);
  const isTyped = isMixed ? isTimestamp(db, files) : 'false';
  const inMs = isMixed
    ? `CASE WHEN ${isTyped} THEN ${db.time.inMs('iso')} ELSE ${db.time.inMs(unit)} END`
    : db.time.inMs(unit);
  // A detected unit makes numbers of another size those of another unit.
  const isGuessed = (unit === 'ms' || unit === 'us') && options.timeUnit === undefined;
  const plausible = isGuessed ? `AND (is_typed OR abs(ms_in_unit) >= ${MS_FROM})` : '';
  const context = contextKey(options);
  const [kept, selected] = context === undefined ? ['', ''] : [', context', `, ${context} AS context`];
  await db.createView(
    'judged',
    `SELECT pos, session, item, time_text, event, record, ms${kept}, ${isKept} AS is_kept,
      CASE
        WHEN ${isEventMissing} THEN 'event'
        WHEN NOT ${isKept} THEN NULL
        WHEN session IS NULL THEN 'session'
        WHEN item IS NULL THEN 'item'
        WHEN ms IS NULL THEN 'time'
      END AS problem
    FROM (
      SELECT *, CASE WHEN abs(ms_in_unit) < 100000000000000 ${plausible} THEN ms_in_unit END AS ms
      FROM (
        SELECT ${db.place.raw} AS pos, session, item, ${db.time.text} AS time_text, event, record${selected}, ${isTyped} AS is_typed, ${inMs} AS ms_in_unit
        FROM raw))`,
  );
}

function contextKey(options: CheckedOptions): string | undefined {
  if (keptColumns(options).length === 0) return undefined;
  const { eventColumn, contextColumns } = options;
  if (eventColumn === undefined) return 'context';
  const type = contextText(['event']);
  return contextColumns === undefined ? type : `concat_ws(chr(31), ${type}, context)`;
}

const isSound = 'problem IS NULL';
const isKept = `${isSound} AND is_kept`;
const rowFilters: Readonly<Record<keyof RowCounts, string>> = {
  read: 'true',
  sound: isSound,
  kept: isKept,
};

function countRows(db: Backend): Promise<RowCounts> {
  return db.numbers<keyof RowCounts>(`
    SELECT count(*) AS read, count(*) FILTER (WHERE ${isSound}) AS sound, count(*) FILTER (WHERE ${isKept}) AS kept
    FROM judged`);
}

/** At most `MAX_LISTED_ROWS`, in order. */
async function findBadRows(
  db: Backend,
  files: readonly LoadedFile[],
  unit: TimeUnit | undefined,
  options: CheckedOptions,
): Promise<BadRow[]> {
  const rows = await problemRows(db, options.onBadRow === 'fail' ? 1 : MAX_LISTED_ROWS);
  const badRows: BadRow[] = [];
  const columns = columnNames(options);
  const expected = expectations(unit, options);
  let at = 0;
  for (const { file, endRow, locate } of files) {
    const from = at;
    while (at < rows.length && (rows[at] as ProblemRow).pos < endRow) at++;
    const block = rows.slice(from, at);
    const lines = block.length === 0 ? [] : await locate(block);
    for (const [index, { problem, value }] of block.entries()) {
      badRows.push({
        file,
        row: lines[index] ?? 0,
        column: columns[problem] ?? '',
        value,
        expected: expected[problem],
      });
    }
  }
  if (options.onBadRow === 'fail' && badRows[0] !== undefined) throw badRowError(badRows[0]);
  return badRows;
}

interface ProblemRow extends RowPlace {
  readonly problem: 'session' | 'item' | 'time' | 'event';
  readonly value: string;
}

async function problemRows(db: Backend, limit: number): Promise<ProblemRow[]> {
  const rows: ProblemRow[] = [];
  const chunks = db.chunks(`
    SELECT pos, CAST(record AS BIGINT) AS record, problem,
      CASE problem WHEN 'time' THEN CAST(time_text AS STRING) END AS value
    FROM judged WHERE problem IS NOT NULL ORDER BY pos LIMIT ${limit}`);
  for await (const chunk of chunks) {
    for (const [pos, record, problem, value] of chunk.getRows()) {
      rows.push({
        pos: Number(pos),
        record: record === null ? undefined : Number(record),
        problem: problem as ProblemRow['problem'],
        value: shorten(String(value ?? '')),
      });
    }
  }
  return rows;
}

function expectations(
  unit: TimeUnit | undefined,
  options: CheckedOptions,
): Record<'session' | 'item' | 'time' | 'event', string> {
  const units = {
    s: 'seconds since 1970',
    ms: 'milliseconds since 1970',
    us: 'microseconds since 1970',
    iso: 'an ISO 8601 time',
  };
  const like = options.timeUnit === undefined ? ', as most rows have' : '';
  const time =
    unit === undefined
      ? 'seconds, milliseconds or microseconds since 1970, or ISO 8601'
      : `${units[unit]}${like}`;
  return { session: 'an id', item: 'an id', time, event: 'an event type' };
}

/** The input is sound, but has no session to keep. */
export class NoSessionError extends DataError {}

function checkAnyRow(
  files: readonly LoadedFile[],
  { read, kept }: RowCounts,
  absent = '',
  badRows = 0,
): void {
  const names = files.map(({ file }) => file).join(', ');
  const file = files[0]?.file;
  if (read === 0) {
    const message = `prepare: "input" expected events, got only a header or blank lines, at ${names}.`;
    throw new (badRows === 0 ? NoSessionError : DataError)(message, { file });
  }
  if (kept > 0) return;
  throw new DataError(
    `prepare: "input" expected events to keep, got none among ${read} rows, at ${names}. ${absent || 'Check event types and bad rows'}.`,
    { file },
  );
}

const LISTED = 20;

async function absentTypes(db: Backend, { eventTypes = [] }: CheckedOptions): Promise<string | undefined> {
  if (eventTypes.length === 0) return undefined;
  const among = `event IN (${eventTypes.map(db.quote).join(', ')})`;
  const present = new Set(await typesIn(db, among, eventTypes.length));
  const absent = eventTypes.filter((type) => !present.has(type));
  if (absent.length === 0) return undefined;
  const known = await typesIn(db, 'event IS NOT NULL', LISTED);
  const types = showNames(known, show) || 'none';
  return `${didYouMean(absent, known)}No event is of type ${showNames(absent, show)}; the types of the log are ${types}`;
}

async function typesIn(db: Backend, where: string, most: number): Promise<string[]> {
  const rows = await db.rows(`
    SELECT CAST(event AS STRING) AS type FROM judged WHERE ${where}
    GROUP BY event ORDER BY count(*) DESC, type LIMIT ${most}`);
  return rows.map(({ type }) => String(type));
}

/** Between the values of an event's columns: a control character that logs do not have. */
const SEPARATOR = '\u001f';
/** A column with more distinct values is refused before they are counted. */
const MOST_COUNTED = 100_000;

/** Creates table `contexts`: `name`, the values of the kept columns, `number` from 0, and `events`. */
async function readContexts(db: Backend, options: CheckedOptions): Promise<Contexts | undefined> {
  const names = keptColumns(options);
  if (names.length === 0) return undefined;
  await db.createTable(
    'contexts',
    `SELECT name, events, CAST(row_number() OVER (ORDER BY name) - 1 AS INTEGER) AS number
     FROM (SELECT context AS name, CAST(count(*) AS DOUBLE) AS events FROM judged
       WHERE problem IS NULL AND is_kept GROUP BY context)`,
  );
  const file = options.inputs[0] ?? '';
  const counted = names.map((name) => new ValueCounter(name, file));
  const numbers: number[] = [];
  for await (const chunk of db.chunks(`SELECT ${nameFrom(db)}, events FROM contexts ORDER BY number`)) {
    const events = arrayOf(chunk, 1, Float64Array);
    const texts = textsOf(chunk, 0);
    for (const [row, text] of texts.entries()) {
      const values = text.split(SEPARATOR);
      for (const [column, counter] of counted.entries()) {
        numbers.push(counter.add(values[column] ?? '', events[row] ?? 0));
      }
    }
  }
  const kept = counted.map((counter) => counter.kept());
  const values = Int32Array.from(numbers, (number, at) =>
    number < 0 ? -1 : (kept[at % names.length]?.index[number] ?? -1),
  );
  const columns = kept.map(({ column }) =>
    column.name === options.eventColumn ? { ...column, isType: true as const } : column,
  );
  return { columns, values };
}

class ValueCounter {
  readonly #name: string;
  readonly #file: string;
  readonly #numbers = new Map<string, number>();
  readonly #events: number[] = [];

  constructor(name: string, file: string) {
    this.#name = name;
    this.#file = file;
  }

  /** −1 for the empty text. */
  add(value: string, events: number): number {
    if (value === '') return -1;
    let number = this.#numbers.get(value);
    if (number === undefined) {
      number = this.#numbers.size;
      if (number === MOST_COUNTED) throw this.#tooMany(`more than ${MOST_COUNTED} distinct ones`);
      this.#numbers.set(value, number);
      this.#events.push(0);
    }
    this.#events[number] = (this.#events[number] ?? 0) + events;
    return number;
  }

  /**
   * Most frequent first; beyond the most that are kept, the rarest are folded into one. @returns also the index of
   * each value by its number.
   */
  kept(): { readonly column: ContextColumn; readonly index: Int32Array } {
    const texts = [...this.#numbers.keys()];
    const eventsOf = (number: number): number => this.#events[number] ?? 0;
    const isBefore = (a: number, b: number): number => ((texts[a] ?? '') < (texts[b] ?? '') ? -1 : 1);
    const order = texts.map((_, number) => number);
    order.sort((a, b) => eventsOf(b) - eventsOf(a) || isBefore(a, b));
    const isFolded = order.length > MOST_CONTEXT_VALUES;
    const most = isFolded ? MOST_CONTEXT_VALUES - 1 : order.length;
    const index = new Int32Array(texts.length).fill(most);
    for (const [at, number] of order.slice(0, most).entries()) index[number] = at;
    const values = order.slice(0, most).map((number) => texts[number] ?? '');
    const sum = (numbers: readonly number[]): number => numbers.reduce((all, one) => all + eventsOf(one), 0);
    if (2 * sum(order.slice(most)) > sum(order)) throw this.#tooMany(`${order.length} distinct ones`);
    return { column: { name: this.#name, values: isFolded ? [...values, OTHER_VALUES] : values }, index };
  }

  #tooMany(got: string): DataError {
    const message =
      `prepare: column "${this.#name}" expected ${MOST_CONTEXT_VALUES} values in at least half of the rows that have one, got ${got}, at ${this.#file}. ` +
      'An id says nothing of other clicks: leave the column out, or group its values.';
    return new DataError(message, { file: this.#file, column: this.#name });
  }
}

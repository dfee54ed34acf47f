import { shorten } from '@gru4rec/checks';
import { DataError } from '@gru4rec/dataset';
import { type Backend, type LoadedFile, MS_FROM, type RowPlace } from '../backends/backend.ts';
import { type BadRow, badRowError, MAX_LISTED_ROWS } from '../bad-rows.ts';
import type { EventCounts } from '../events/event-set.ts';
import { columnNames, contextText, keptColumns } from '../input/columns.ts';
import { type CheckedOptions, type TimeUnit, timeUnits } from '../options.ts';

export interface RowCounts {
  /** All rows that could be read; `sound` without bad rows; `kept` also without other event types. */
  readonly read: number;
  readonly sound: number;
  readonly kept: number;
}

/** The unit of most times; others are bad, except timestamps, which are `iso`. @returns undefined without any time. */
export async function detectTimeUnit(
  db: Backend,
  files: readonly LoadedFile[],
): Promise<TimeUnit | undefined> {
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
export async function judgeRows(
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
  // A detected unit of milliseconds makes smaller numbers seconds.
  const isGuessed = unit === 'ms' && options.timeUnit === undefined;
  const plausible = isGuessed ? `AND (is_typed OR abs(ms_in_unit) >= ${MS_FROM})` : '';
  const context = contextKey(options);
  const [kept, given] = context === undefined ? ['', ''] : [', context', `, ${context} AS context`];
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
        SELECT ${db.place.raw} AS pos, session, item, ${db.time.text} AS time_text, event, record${given}, ${isTyped} AS is_typed, ${inMs} AS ms_in_unit
        FROM raw))`,
  );
}

/** Undefined if no column is kept. */
function contextKey(options: CheckedOptions): string | undefined {
  if (keptColumns(options).length === 0) return undefined;
  const { eventColumn, contextColumns } = options;
  if (eventColumn === undefined) return 'context';
  const type = contextText(['event']);
  return contextColumns === undefined ? type : `concat_ws(chr(31), ${type}, context)`;
}

const isSound = 'problem IS NULL';
const isKept = `${isSound} AND is_kept`;
/** SQL: conditions on view `judged`. */
export const rowFilters: Readonly<Record<keyof RowCounts, string>> = {
  read: 'true',
  sound: isSound,
  kept: isKept,
};

export function countRows(db: Backend): Promise<RowCounts> {
  return db.numbers<keyof RowCounts>(`
    SELECT count(*) AS read, count(*) FILTER (WHERE ${isSound}) AS sound, count(*) FILTER (WHERE ${isKept}) AS kept
    FROM judged`);
}

/** @param from - SQL: `judged` or `events`, with an optional condition. */
export function countDistinct(db: Backend, from: string): Promise<EventCounts> {
  return db.numbers<keyof EventCounts>(`
    SELECT count(*) AS events, count(DISTINCT session) AS sessions, count(DISTINCT item) AS items
    FROM ${from}`);
}

/** At most `MAX_LISTED_ROWS`, in order. */
export async function findBadRows(
  db: Backend,
  files: readonly LoadedFile[],
  unit: TimeUnit | undefined,
  options: CheckedOptions,
): Promise<BadRow[]> {
  const rows = await problemRows(db, options.onBadRow === 'fail' ? 1 : MAX_LISTED_ROWS);
  const found: BadRow[] = [];
  const columns = columnNames(options);
  const expected = expectations(unit, options);
  let at = 0;
  for (const { file, endRow, locate } of files) {
    const from = at;
    while (at < rows.length && (rows[at] as ProblemRow).pos < endRow) at++;
    const own = rows.slice(from, at);
    const lines = own.length === 0 ? [] : await locate(own);
    for (const [index, { problem, value }] of own.entries()) {
      found.push({
        file,
        row: lines[index] ?? 0,
        column: columns[problem] ?? '',
        value,
        expected: expected[problem],
      });
    }
  }
  if (options.onBadRow === 'fail' && found[0] !== undefined) throw badRowError(found[0]);
  return found;
}

interface ProblemRow extends RowPlace {
  readonly problem: 'session' | 'item' | 'time' | 'event';
  readonly value: string;
}

/** In chunks, so that signals are handled in between. */
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
  const units = { s: 'seconds since 1970', ms: 'milliseconds since 1970', iso: 'an ISO 8601 time' };
  const like = options.timeUnit === undefined ? ', as most rows have' : '';
  const time =
    unit === undefined ? 'seconds or milliseconds since 1970, or ISO 8601' : `${units[unit]}${like}`;
  return { session: 'an id', item: 'an id', time, event: 'an event type' };
}

export function checkAnyRow(files: readonly LoadedFile[], { read, kept }: RowCounts): void {
  const names = files.map(({ file }) => file).join(', ');
  const file = files[0]?.file;
  if (read === 0) {
    throw new DataError(`prepare: "input" expected events, got only a header or blank lines, at ${names}.`, {
      file,
    });
  }
  if (kept > 0) return;
  throw new DataError(
    `prepare: "input" expected events to keep, got none among ${read} rows, at ${names}. Check event types and bad rows.`,
    { file },
  );
}

const LISTED = 20;

export async function findAbsentTypes(
  db: Backend,
  { eventTypes = [], onAbsentTypes }: CheckedOptions,
): Promise<void> {
  if (eventTypes.length === 0 || onAbsentTypes === undefined) return;
  const among = `event IN (${eventTypes.map(db.quote).join(', ')})`;
  const present = new Set(await typesIn(db, among, eventTypes.length));
  const absent = eventTypes.filter((type) => !present.has(type));
  if (absent.length > 0) onAbsentTypes({ absent, found: await typesIn(db, 'event IS NOT NULL', LISTED) });
}

async function typesIn(db: Backend, where: string, most: number): Promise<string[]> {
  const rows = await db.rows(`
    SELECT CAST(event AS STRING) AS type FROM judged WHERE ${where}
    GROUP BY event ORDER BY count(*) DESC, type LIMIT ${most}`);
  return rows.map(({ type }) => String(type));
}

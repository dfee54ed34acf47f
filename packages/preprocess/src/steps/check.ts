import { DataError } from '@gru4rec/sessions';
import { type DuckDb, quote } from '../backends/duckdb.ts';
import { type BadRow, badRowError, shorten } from '../bad-rows.ts';
import { columnNames } from '../columns.ts';
import { locateRows } from '../locate-rows.ts';
import { type CheckedOptions, type TimeUnit, timeUnits } from '../options.ts';
import type { LoadedFile } from './read.ts';
import { plausibleTime, timeInMs, timeUnitOf } from './time.ts';

/** What the rows of table `raw` are worth. */
export interface RowCounts {
  /** All rows that could be read, then without bad ones, then without other event types. */
  readonly read: { readonly events: number; readonly sessions: number; readonly items: number };
  readonly sound: { readonly events: number; readonly sessions: number; readonly items: number };
  readonly kept: { readonly events: number; readonly sessions: number; readonly items: number };
}

/**
 * The unit that most times are in; the others are bad rows then.
 *
 * @returns undefined if no time is in any.
 */
export async function detectTimeUnit(db: DuckDb): Promise<TimeUnit | undefined> {
  const counts = await db.numbers(`
    SELECT ${timeUnits.map((unit) => `count(*) FILTER (unit = '${unit}') AS ${unit}`).join(', ')}
    FROM (SELECT ${timeUnitOf} AS unit FROM raw)`);
  const count = (unit: TimeUnit) => counts[unit] ?? 0;
  const unit = timeUnits.reduce((best, other) => (count(other) > count(best) ? other : best));
  return count(unit) > 0 ? unit : undefined;
}

/** Adds `ms` and `problem` to the rows of `raw`, as view `judged`: `problem` names the column at fault. */
export async function judgeRows(db: DuckDb, unit: TimeUnit, options: CheckedOptions): Promise<void> {
  const { eventTypes = [] } = options;
  const isKept = eventTypes.length === 0 ? 'true' : `event IN (${eventTypes.map(quote).join(', ')})`;
  const isEventMissing = eventTypes.length === 0 ? 'false' : 'event IS NULL';
  const plausible = options.timeUnit === undefined ? `AND ${plausibleTime(unit)}` : '';
  await db.run(`
    CREATE OR REPLACE VIEW judged AS
    SELECT rowid AS pos, session, item, "time", event, record, ms, ${isKept} AS is_kept,
      CASE
        WHEN ${isEventMissing} THEN 'event'
        WHEN NOT ${isKept} THEN NULL
        WHEN session IS NULL THEN 'session'
        WHEN item IS NULL THEN 'item'
        WHEN ms IS NULL THEN 'time'
      END AS problem
    FROM (
      SELECT rowid, *, CASE WHEN abs(ms_in_unit) < 100_000_000_000_000 ${plausible} THEN ms_in_unit END AS ms
      FROM (SELECT rowid, *, ${timeInMs(unit)} AS ms_in_unit FROM raw))`);
}

/** Counts rows before and after the bad ones and other event types are left out. */
export async function countRows(db: DuckDb): Promise<RowCounts> {
  const counts = (name: string, filter: string) =>
    `count(*) FILTER (${filter}) AS ${name}_events, ` +
    `count(DISTINCT session) FILTER (${filter}) AS ${name}_sessions, ` +
    `count(DISTINCT item) FILTER (${filter}) AS ${name}_items`;
  const found = await db.numbers(`
    SELECT ${counts('read', 'true')}, ${counts('sound', 'problem IS NULL')},
      ${counts('kept', 'problem IS NULL AND is_kept')}
    FROM judged`);
  const row = (name: string) => ({
    events: found[`${name}_events`] ?? 0,
    sessions: found[`${name}_sessions`] ?? 0,
    items: found[`${name}_items`] ?? 0,
  });
  return { read: row('read'), sound: row('sound'), kept: row('kept') };
}

/**
 * The bad rows of table `raw`, in order.
 *
 * @throws DataError at the first if none is allowed.
 */
export async function findBadRows(
  db: DuckDb,
  files: readonly LoadedFile[],
  unit: TimeUnit | undefined,
  options: CheckedOptions,
): Promise<BadRow[]> {
  const limit = options.onBadRow === 'fail' ? 'LIMIT 1' : '';
  const rows = await db.rows(`
    SELECT pos, record, problem, coalesce(CASE problem WHEN 'time' THEN "time" END, '') AS value
    FROM judged WHERE problem IS NOT NULL ORDER BY pos ${limit}`);
  const found: BadRow[] = [];
  const columns = columnNames(options);
  const expected = expectations(unit, options);
  for (const { input, firstRow, rows: count } of files) {
    const own = rows.filter(({ pos }) => Number(pos) >= firstRow && Number(pos) < firstRow + count);
    const ordinals = own.map(({ pos, record }) => Number(record ?? Number(pos) - firstRow));
    const lines = own.length === 0 ? [] : await locateRows(input, ordinals);
    for (const [index, { problem, value }] of own.entries()) {
      const name = problem as keyof typeof columns;
      found.push({
        file: input.file,
        row: lines[index] ?? 0,
        column: columns[name] ?? '',
        value: shorten(String(value)),
        expected: expected[name],
      });
    }
  }
  if (options.onBadRow === 'fail' && found[0] !== undefined) throw badRowError(found[0]);
  return found;
}

function expectations(
  unit: TimeUnit | undefined,
  options: CheckedOptions,
): Record<'session' | 'item' | 'time' | 'event', string> {
  const units = { s: 'seconds since 1970', ms: 'milliseconds since 1970', iso: 'an ISO 8601 time' };
  const like = options.timeUnit === undefined ? ', as most rows have (or give --time-unit)' : '';
  const time =
    unit === undefined ? 'seconds or milliseconds since 1970, or ISO 8601' : `${units[unit]}${like}`;
  return { session: 'an id', item: 'an id', time, event: 'an event type' };
}

/** @throws DataError if nothing is left to work on. */
export function checkAnyRow(files: readonly LoadedFile[], { read, kept }: RowCounts): void {
  const names = files.map(({ input }) => input.file).join(', ');
  const file = files[0]?.input.file;
  if (read.events === 0) {
    throw new DataError(`prepare: "input" expected events, got a header or blank lines alone, at ${names}.`, {
      file,
    });
  }
  if (kept.events > 0) return;
  throw new DataError(
    `prepare: "input" expected events to keep, got none among ${read.events} rows, at ${names}. Check --event-types and bad rows.`,
    { file },
  );
}

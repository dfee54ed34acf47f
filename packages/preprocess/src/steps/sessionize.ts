import type { DuckDb } from '../backends/duckdb.ts';
import type { CheckedOptions } from '../options.ts';

/** Split numbers in table `events`; what is not test is training until it is split. */
export const splitNumbers = { train: 0, validation: 1, test: 2 } as const;

/**
 * Puts the sound rows into the one order, by (time, file as given, row), and into sessions.
 *
 * Table `events`: `ord` (place in the order), `session` and `item` (numbers of `session_names` and `item_names`),
 * `time` (milliseconds), `split`.
 *
 * @param firstTestRow - rows of `raw` from it on are the test split's.
 */
export async function sessionize(db: DuckDb, firstTestRow: number, options: CheckedOptions): Promise<void> {
  await db.run(`
    CREATE TABLE sorted AS
    SELECT session, item, ms AS "time",
      CAST(CASE WHEN pos >= ${firstTestRow} THEN ${splitNumbers.test} ELSE ${splitNumbers.train} END AS TINYINT) AS split
    FROM judged WHERE problem IS NULL AND is_kept
    ORDER BY ms, pos`);
  await db.run('DROP VIEW judged; DROP TABLE raw');
  if (options.userColumn !== undefined) await cutByGap(db, options.sessionGapMs);
  await db.run(`
    CREATE TABLE session_names AS
    SELECT CAST(row_number() OVER () - 1 AS INTEGER) AS session, name, split
    FROM (SELECT DISTINCT session AS name, split FROM sorted)`);
  await db.run(`
    CREATE TABLE item_names AS
    SELECT CAST(row_number() OVER () - 1 AS INTEGER) AS item, name
    FROM (SELECT DISTINCT item AS name FROM sorted)`);
  await db.run(`
    CREATE TABLE events AS
    SELECT ${options.userColumn === undefined ? 'e.rowid' : 'e.ord'} AS ord, s.session, i.item, e."time", e.split
    FROM sorted e
    JOIN session_names s ON s.name = e.session AND s.split = e.split
    JOIN item_names i ON i.name = e.item`);
  await db.run('DROP TABLE sorted');
}

/** Names the n-th session of user u `u#n`, from 1; a pause longer than the gap starts the next. */
async function cutByGap(db: DuckDb, gapMs: number): Promise<void> {
  await db.run(`
    CREATE TABLE cut AS
    SELECT ord, item, "time", split,
      session || '#' || CAST(1 + sum(CASE WHEN pause > ${gapMs} THEN 1 ELSE 0 END)
        OVER (PARTITION BY split, session ORDER BY ord) AS BIGINT) AS session
    FROM (
      SELECT rowid AS ord, session, item, "time", split,
        "time" - lag("time") OVER (PARTITION BY split, session ORDER BY rowid) AS pause
      FROM sorted)`);
  await db.run('DROP TABLE sorted; ALTER TABLE cut RENAME TO sorted');
}

import type { Backend } from '../backends/backend.ts';
import type { CheckedOptions } from '../options.ts';

/** Split numbers in table `events`; what is not test is training until it is split. */
export const splitNumbers = { train: 0, validation: 1, test: 2 } as const;

/**
 * Puts the sound rows into the one order, by (time, file as given, row), and into sessions: table `events`.
 *
 * @param firstTestRow - rows of `raw` from it on are the test split's.
 */
export async function sessionize(db: Backend, firstTestRow: number, options: CheckedOptions): Promise<void> {
  await db.createSorted(`
    SELECT pos, record, session, item, ms,
      CAST(CASE WHEN pos >= ${firstTestRow} THEN ${splitNumbers.test} ELSE ${splitNumbers.train} END AS TINYINT) AS split
    FROM judged WHERE problem IS NULL AND is_kept`);
  if (options.userColumn === undefined) return db.createEvents('sorted');
  await cutByGap(db, options.sessionGapMs);
  await db.createEvents('cut');
}

/** Names the n-th session of user u `u#n`, from 1; a pause longer than the gap starts the next. */
async function cutByGap(db: Backend, gapMs: number): Promise<void> {
  const ord = db.place.sorted;
  const number = `CAST(1 + sum(CASE WHEN pause > ${gapMs} THEN 1 ELSE 0 END)
    OVER (PARTITION BY split, session ORDER BY ord) AS BIGINT)`;
  await db.createTable(
    'cut',
    `SELECT ord, item, ms, split,
      ${db.sessionOfUser('session', number)} AS session
    FROM (
      SELECT ${ord} AS ord, session, item, ms, split,
        ms - lag(ms) OVER (PARTITION BY split, session ORDER BY ${ord}) AS pause
      FROM sorted)`,
  );
  await db.drop('sorted');
}

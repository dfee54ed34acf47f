import type { Backend } from '../backends/backend.ts';
import type { CheckedOptions } from '../options.ts';

/** Split numbers in table `events`. Until the split by time, all but the events of `testInputs` are in `train`. */
export const splitNumbers = { train: 0, validation: 1, test: 2 } as const;

/**
 * Creates table `events`: the sound rows, sorted by (time, order of the file, row) and cut into sessions.
 *
 * @param firstTestRow - first row of `raw` that belongs to the test split.
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

/** Cuts the events of each user at pauses longer than the gap. Session n of user u, from 1, is `u#n`. */
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

import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { testFolder } from '@gru4rec/test-support/folder';
import { describe, expect, it, onTestFinished } from 'vitest';
import { DuckDb } from '../../../src/backends/duckdb/duckdb.ts';
import { openInput } from '../../../src/input/input-file.ts';
import { PlainLog } from '../../../src/input/plain/plain-log.ts';
import { checkPrepare } from '../../../src/options.ts';
import { writeParquet } from '../../fuzz/parquet-files.ts';
import { rowsOf } from './rows-of.ts';

const folder = testFolder();

async function written(name: string, select: string, way?: string): Promise<string> {
  const bytes = await writeParquet(select, way);
  const file = join(folder, name);
  writeFileSync(file, bytes);
  return file;
}

/** Reads one file. @returns its rows as texts, or false if it is not plain. */
async function read(
  columns: string,
  { rows = 3, way }: { rows?: number; way?: string } = {},
): Promise<string[] | false> {
  const file = await written('log', `SELECT ${columns} FROM range(${rows}) r(i)`, way);
  const options = checkPrepare({ inputs: [file], output: join(folder, 'out') });
  const db = await DuckDb.open({ directory: folder, files: [file], threads: 4 });
  onTestFinished(() => db.close());
  const log = await PlainLog.open(db, options);
  if (log === undefined) throw new Error('expected options that a plain log may have');
  const input = await openInput(file, folder, options);
  if ((await log.add(input)) === undefined) return false;
  expect(log.fraction).toBe(1);
  return rowsOf(log);
}

const row = (session: string, item: string, time: string) =>
  `${session} AS "SessionId", ${item} AS "ItemId", ${time} AS "Time"`;

describe('PlainLog, Parquet', () => {
  it.each([
    ['TINYINT', 'SMALLINT', 'INTEGER'],
    ['UTINYINT', 'USMALLINT', 'UINTEGER'],
    ['BIGINT', 'BIGINT', 'BIGINT'],
  ])('reads %s, %s and %s', async (session, item, time) => {
    expect(await read(row(`i::${session}`, `(i + 1)::${item}`, `(i + 2)::${time}`))).toEqual([
      ...['0 1 2000', '1 2 3000', '2 3 4000'],
    ]);
  });

  it('reads integers of 64 bits and below 0', async () => {
    const found = await read(row('-i', '9223372036854775805 + i', '1396437466940 + i'));
    expect(found).toEqual([
      '0 9223372036854775805 1396437466940',
      '-1 9223372036854775806 1396437466941',
      '-2 9223372036854775807 1396437466942',
    ]);
  });

  it.each([
    ['TIMESTAMP', 'make_timestamp(i * 1000 - 1501)', [-2, -1, 0]],
    [
      'TIMESTAMP_NS',
      'make_timestamp_ns(1396437466940499999 + i)',
      [1396437466940, 1396437466941, 1396437466941],
    ],
    ['DATE', "DATE '1969-12-31' + i::INTEGER", [-86_400_000, 0, 86_400_000]],
    [
      'the least time',
      "TIMESTAMP '0001-01-01' + INTERVAL (i) DAY",
      [0, 1, 2].map((day) => day * 86_400_000 - 62_135_596_800_000),
    ],
    ['the greatest time', 'make_timestamp(99999999999999497 + i)', [...Array(3)].fill(99_999_999_999_999)],
  ] as const)('reads %s, rounded to milliseconds', async (_, time, ms) => {
    expect(await read(row('i', '7', time))).toEqual(ms.map((expected, i) => `${i} 7 ${expected}`));
  });

  it('reads rows in their order', async () => {
    const columns = row('i // 4', 'i % 1000', '1396437466 + i // 3');
    const found = await read(columns, { rows: 65_536, way: 'ROW_GROUP_SIZE 4096' });
    expect(found).toEqual(
      Array.from({ length: 65_536 }, (_, i) => {
        const second = 1_396_437_466 + Math.floor(i / 3);
        return `${i >> 2} ${i % 1000} ${second}000`;
      }),
    );
  });

  it.each([
    ['texts', row("'1'", 'i', 'i')],
    ['an empty timestamp', row('i', 'i', 'make_timestamp(nullif(i, 2))')],
    ['infinite timestamps', row('i', 'i', "if(i = 2, 'infinity'::TIMESTAMP, make_timestamp(i))")],
    ['timestamps before the year 1', row('i', 'i', 'make_timestamp(i - 62135596800000501)')],
    ['timestamps of 15 digits', row('i', 'i', 'make_timestamp(99999999999999498 + i)')],
    ['timestamps out of order', row('i', 'i', 'make_timestamp(i % 2 * 1000)')],
    ['unsigned integers of 64 bits', row('i::UBIGINT', 'i', 'i')],
    ['an empty session', row('nullif(i, 2)', 'i', 'i')],
    ['an empty item', row('i', 'nullif(i, 1)', 'i')],
    ['an empty time', row('i', 'i', 'nullif(i, 2)')],
    ['a time before 1970', row('i', 'i', 'i - 1')],
    ['times out of order', row('i', 'i', '5 - i')],
    ['times of two units', row('i', 'i', '1 + i * 1000000000000')],
  ])('leaves %s to the careful reader', async (_, columns) => {
    expect(await read(columns)).toBe(false);
  });
});

import { readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { DataError } from '@gru4rec/dataset';
import { testFolder } from '@gru4rec/test-support/folder';
import fc from 'fast-check';
import { afterAll, describe, expect, it, onTestFinished, vi } from 'vitest';
import { DuckDb } from '../../../src/backends/duckdb/duckdb.ts';
import { RawTable } from '../../../src/backends/duckdb/raw-table.ts';
import { type PrepareOptions, prepare } from '../../../src/index.ts';
import { openInput } from '../../../src/input/input-file.ts';
import { PlainLog } from '../../../src/input/plain/plain-log.ts';
import { checkPrepare } from '../../../src/options.ts';
import { writeParquet } from '../../fuzz/parquet-files.ts';
import { rowsOf } from './rows-of.ts';

const folder = testFolder();
const db = await DuckDb.open({ directory: folder });
afterAll(() => db.close());
const output = join(folder, 'dataset');
const header = 'SessionId,ItemId,Time';

function write(name: string, text: string | Buffer): string {
  const file = join(folder, name);
  writeFileSync(file, text);
  return file;
}

/** Reads one file. @returns its rows as texts, or whether it is plain if it is not. */
async function read(
  text: string,
  options: Partial<PrepareOptions> = {},
): Promise<string[] | false | undefined> {
  const file = write('log', text);
  const checked = checkPrepare({ inputs: [file], output: join(folder, 'out'), ...options });
  const log = await PlainLog.open(db, checked);
  if (log === undefined) return undefined;
  return (await log.add(await openInput(file, folder, checked))) !== undefined && rowsOf(log);
}

/** The report and the bytes of the dataset, or the message. */
async function result(options: PrepareOptions) {
  rmSync(output, { recursive: true, force: true });
  try {
    const report = await prepare(options);
    const files = readdirSync(output).sort();
    return {
      report,
      files: files.map((name) => [name, readFileSync(join(output, name)).toString('base64')]),
    };
  } catch (error) {
    if (error instanceof DataError) return [error.message, error.row];
    throw error;
  }
}

/** Results with and without the plain reader, and whether table `raw` was needed. */
async function both(options: PrepareOptions) {
  const raw = vi.spyOn(RawTable, 'create');
  const open = vi.spyOn(PlainLog, 'open');
  onTestFinished(() => {
    vi.restoreAllMocks();
  });
  raw.mockClear();
  const plain = await result(options);
  const isPlain = raw.mock.calls.length === 0;
  open.mockResolvedValueOnce(undefined);
  return { plain, careful: await result(options), isPlain };
}

const line = (session: string, item = '2', time = '3') => `${header}\n${session},${item},${time}\n`;
const json = (members: string) => `{${members}}\n`;

describe('PlainLog', () => {
  it('reads integers of delimited text', async () => {
    expect(await read(`${header}\n1,2,3\n0,999999999999999,3\n4294967296,7,99999999999`)).toEqual([
      '1 2 3000',
      '0 999999999999999 3000',
      '4294967296 7 99999999999000',
    ]);
    expect(await read('Time\tother\tItemId\tSessionId\r\n5\ta u? no\t6\t7\r\n')).toEqual(['7 6 5000']);
    expect(await read(`\ufeff${header}\n1,2,3\n`)).toEqual(['1 2 3000']);
  });

  it('reads microseconds, rounded to milliseconds, and no other unit beside them', async () => {
    const times = ['1700000000000499', '1700000000000500', '9007199254740000'];
    const log = times.map((time) => `1,2,${time}\n`).join('');
    const rounded = ['1 2 1700000000000', '1 2 1700000000001', '1 2 9007199254740'];
    expect(await read(`${header}\n${log}`)).toEqual(rounded);
    expect(await read(`${header}\n${log}1,2,1700000000001\n`)).toBe(false);
    expect(await read(line('1', '2', '1499'), { timeUnit: 'us' })).toEqual(['1 2 1']);
  });

  it('reads integers of JSON Lines, as numbers and as strings', async () => {
    const plain = '"SessionId":"12", "other":"a, }" ,"ItemId": 3,"Time":"4","n":0';
    expect(await read(json(plain))).toEqual(['12 3 4000']);
    expect(await read(json(plain) + json(plain).trimEnd())).toEqual(['12 3 4000', '12 3 4000']);
  });

  it.each([
    ...['', '1 ', '01', '-1', '1.0', '"1"', '9007199254740992', '٣'].map((id) => line(id)),
    line('1', '2', '2026-01-01'),
    `${header}\n\n1,2,3\n`,
    `${header}\n1,2,3,\n`,
    `${header}\n1,2\n`,
    `${header}\n1,2,3\r4,5,6\n`,
    `${header}\n1,2,3\n1,2,2\n`,
    `${header}\n1,2,3\n1,2,100000000000\n`,
    `${header},other\n1,2,3,é\n`,
    `${header},other\n1,2,3,"a"\n`,
    json('"SessionId":1,"ItemId":2'),
    json('"SessionId":1,"ItemId":2,"Time":3,"Time":3'),
    json('"SessionId":1,"ItemId":2,"Time":3,'),
    json('"SessionId":1,"ItemId":[2],"Time":3'),
    json('"SessionId":1,"ItemId":2,"Time":3,"a":nul'),
    json('"SessionId":1,"ItemId":2,"Time":3,"a":"\\x"'),
    json('"SessionId":1,"Item\\u0049d":2,"ItemId":2,"Time":3'),
    `${json('"SessionId":1,"ItemId":2,"Time":3')}\n`,
    `${json('"SessionId":1,"ItemId":2,"Time":3').trimEnd()} \n`,
  ])('leaves %j to the careful reader', async (text) => {
    expect(await read(text)).toBe(false);
  });

  it('leaves to it what options make more than integers', async () => {
    const text = line('1');
    expect(await read(text, { userColumn: 'SessionId' })).toBeUndefined();
    expect(await read(text, { testInputs: ['other'] })).toBeUndefined();
    expect(await read(text, { eventColumn: 'event', eventTypes: ['click'] })).toBeUndefined();
    expect(await read(text, { timeUnit: 'iso' })).toBe(false);
    expect(await read(text, { itemColumn: 'Time' })).toBeUndefined();
    expect(await read(text, { timeUnit: 'ms' })).toEqual(['1 2 3']);
  });

  it('reads files of several blocks', async () => {
    const rows = Array.from(
      { length: 150_000 },
      (_, row) => `${row >> 2},${row % 100},${1_700_000_000 + row}\n`,
    );
    const found = (await read(`${header}\n${rows.join('')}`)) || [];
    expect(found).toHaveLength(rows.length);
    expect(found.at(-1)).toBe(`${149_999 >> 2} 99 1700149999000`);
    expect(await read(`${header}\n${rows.join('')}x`)).toBe(false);
  });

  it('gives the dataset and the errors of the careful reader', async () => {
    const id = fc.oneof(
      { weight: 30, arbitrary: fc.nat({ max: 6 }).map(String) },
      { weight: 1, arbitrary: fc.constantFrom('', 'x', '007', '-1', '99999999999', '9'.repeat(16)) },
    );
    const step = fc.oneof({ weight: 20, arbitrary: fc.nat({ max: 3 }) }, fc.constantFrom(-1, 1e9, 1e12));
    const row = fc.record({ session: id, item: id, step, other: fc.constantFrom('', 'a', 'b c', '1') });
    const logs = fc.tuple(fc.array(row, { minLength: 5, maxLength: 30 }), fc.array(row, { maxLength: 5 }));
    const options = fc.record(
      {
        onBadRow: fc.constant('skip' as const),
        timeUnit: fc.constantFrom('s' as const, 'ms' as const, 'us' as const),
      },
      { requiredKeys: [] },
    );
    const formats = fc.constantFrom('csv', 'jsonl', 'parquet');
    await fc.assert(
      fc.asyncProperty(logs, options, formats, async (files, chosen, format) => {
        let time = 1_700_000_000;
        const inputs: string[] = [];
        for (const [index, rows] of files.entries()) {
          const timed = rows.map(({ step: more, ...others }) => {
            time += more;
            return { ...others, time };
          });
          inputs.push(write(`${index}.${format}`, await contents[format](timed)));
        }
        const { plain, careful } = await both({ ...chosen, inputs, output });
        expect(plain).toEqual(careful);
      }),
      { seed: 3, numRuns: 45 },
    );
  }, 60_000);
});

interface Row {
  readonly session: string;
  readonly item: string;
  readonly time: number;
  readonly other: string;
}

const contents = {
  csv: async (rows: readonly Row[]) =>
    `${header},other\n${rows.map(({ session, item, time, other }) => `${session},${item},${time},${other}\n`).join('')}`,
  jsonl: async (rows: readonly Row[]) =>
    rows
      .map(
        ({ session, item, time, other }) =>
          `${JSON.stringify({ SessionId: session, ItemId: item, Time: time, other })}\n`,
      )
      .join(''),
  /** Ids that are not integers are empty. */
  parquet: async (rows: readonly Row[]) => {
    const values = rows.map(({ session, item, time }) => `('${session}', '${item}', ${time})`);
    const bytes =
      await writeParquet(`SELECT TRY_CAST(session AS BIGINT) AS "SessionId", TRY_CAST(item AS BIGINT) AS "ItemId", time AS "Time"
       FROM (VALUES ${['(NULL, NULL, 0)', ...values].join(', ')}) t(session, item, time) LIMIT ALL OFFSET 1`);
    return bytes;
  },
};

/** SQL: a time of each type, from microseconds since 1970. */
const timeOf = {
  TIMESTAMP: 'make_timestamp(us)',
  TIMESTAMP_S: 'CAST(make_timestamp(us) AS TIMESTAMP_S)',
  TIMESTAMP_MS: 'CAST(make_timestamp(us) AS TIMESTAMP_MS)',
  TIMESTAMP_NS: 'make_timestamp_ns(1000 * us + id * 37 % 1000)',
  TIMESTAMPTZ: 'make_timestamptz(us)',
  DATE: 'CAST(make_timestamp(us) AS DATE)',
  seconds: 'us // 1000000',
} as const;
type TimeType = keyof typeof timeOf;

/** Microseconds of 1970, 2014, the least and the greatest timestamp. The last two do not fit in 64 bits of nanoseconds. */
const starts = [-1_000_400, 1_396_437_466_940_400, -62_135_596_800_000_000, 99_999_999_999_990_000] as const;
const typedStart = fc.constantFrom(...(Object.keys(timeOf) as TimeType[])).chain((type) =>
  fc.record({
    type: fc.constant(type),
    start: fc.constantFrom(...(type === 'TIMESTAMP_NS' ? starts.slice(0, 2) : starts)),
  }),
);
const smallId = fc.nat({ max: 6 }).map(String);
const step = fc.oneof(
  { weight: 40, arbitrary: fc.constantFrom(0, 1, 99, 100, 101, 500, 1000) },
  fc.constantFrom(-1, -1000, 1_000_000, 86_400_000_000),
);
const sound = fc.record({ session: smallId, item: smallId, step, isInfinite: fc.constant(false) });
const timedRows = fc.array(
  fc.oneof(
    { weight: 50, arbitrary: sound },
    fc.record({
      session: fc.constantFrom('1', 'NULL'),
      item: fc.constantFrom('1', 'NULL'),
      step: fc.constantFrom(0, undefined),
      isInfinite: fc.boolean(),
    }),
  ),
  { minLength: 4, maxLength: 20 },
);

interface TimedRow {
  /** SQL. */
  readonly session: string;
  readonly item: string;
  /** Microseconds after the row before; undefined for NULL. */
  readonly step: number | undefined;
  /** Only if the type has infinity. */
  readonly isInfinite: boolean;
}

async function written(
  name: string,
  type: TimeType,
  start: number,
  rows: readonly TimedRow[],
): Promise<string> {
  let us = start;
  const canBeInfinite = ['TIMESTAMP', 'TIMESTAMPTZ', 'DATE'].includes(type);
  const values = rows.map(({ session, item, step, isInfinite }, index) => {
    us += step ?? 0;
    return `(${index}, ${session}, ${item}, ${step === undefined ? 'NULL' : us}, ${isInfinite && canBeInfinite})`;
  });
  const infinite = canBeInfinite ? `CAST('-infinity' AS ${type})` : 'NULL';
  const bytes =
    await writeParquet(`SELECT session AS "SessionId", item AS "ItemId", CASE WHEN is_infinite THEN ${infinite} ELSE ${timeOf[type]} END AS "Time"
     FROM (SELECT id, session::BIGINT AS session, item::INTEGER AS item, us::BIGINT AS us, is_infinite
       FROM (VALUES ${values.join(', ')}) t(id, session, item, us, is_infinite)) ORDER BY id`);
  return write(name, bytes);
}

describe('prepare, timestamps of plain Parquet', () => {
  it('gives the dataset and the errors of the careful reader', async () => {
    const options = fc.record(
      {
        onBadRow: fc.constant('skip' as const),
        timeUnit: fc.constantFrom('s' as const, 'ms' as const, 'iso' as const),
      },
      { requiredKeys: [] },
    );
    const seen = { plain: 0, careful: 0, refused: 0 };
    await fc.assert(
      fc.asyncProperty(
        typedStart,
        timedRows,
        typedStart,
        timedRows,
        options,
        async (first, one, second, two, chosen) => {
          const inputs = [
            await written('1.parquet', first.type, first.start, one),
            await written('2.parquet', second.type, second.start, two),
          ];
          const { plain, careful, isPlain } = await both({ ...chosen, inputs, output });
          expect(plain).toEqual(careful);
          seen[isPlain ? 'plain' : Array.isArray(plain) ? 'refused' : 'careful']++;
        },
      ),
      { seed: 5, numRuns: 60 },
    );
    expect(Math.min(...Object.values(seen))).toBeGreaterThan(4);
  });

  it('gives the error of the careful reader for a timestamp that DuckDB cannot compute with', async () => {
    const value = { session: '1', item: '1', step: 0, isInfinite: false };
    const inputs = [await written('log.parquet', 'TIMESTAMP', Number(2n ** 63n - 2048n), [value])];
    const { plain, careful } = await both({ inputs, output });
    expect(plain).toEqual(careful);
    expect(plain).toEqual([expect.stringContaining('expected a sound parquet file'), undefined]);
  });
});

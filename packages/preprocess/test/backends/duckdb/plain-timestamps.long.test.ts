import { readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { DataError } from '@gru4rec/sessions';
import fc from 'fast-check';
import { describe, expect, it, onTestFinished, vi } from 'vitest';
import { RawTable } from '../../../src/backends/duckdb/raw-table.ts';
import { type PrepareOptions, prepare } from '../../../src/index.ts';
import { PlainLog } from '../../../src/input/plain/plain-log.ts';
import { testFolder } from '../../folder.ts';
import { writeParquet } from '../../fuzz/parquet-files.ts';

const folder = testFolder();
const output = join(folder, 'dataset');

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
const id = fc.nat({ max: 6 }).map(String);
const step = fc.oneof(
  { weight: 40, arbitrary: fc.constantFrom(0, 1, 99, 100, 101, 500, 1000) },
  fc.constantFrom(-1, -1000, 1_000_000, 86_400_000_000),
);
const sound = fc.record({ session: id, item: id, step, isInfinite: fc.constant(false) });
const rows = fc.array(
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

interface Row {
  /** SQL. */
  readonly session: string;
  readonly item: string;
  /** Microseconds after the row before; undefined for NULL. */
  readonly step: number | undefined;
  /** Only if the type has infinity. */
  readonly isInfinite: boolean;
}

async function written(name: string, type: TimeType, start: number, rows: readonly Row[]): Promise<string> {
  let us = start;
  const canBeInfinite = ['TIMESTAMP', 'TIMESTAMPTZ', 'DATE'].includes(type);
  const values = rows.map(({ session, item, step, isInfinite }, index) => {
    us += step ?? 0;
    return `(${index}, ${session}, ${item}, ${step === undefined ? 'NULL' : us}, ${isInfinite && canBeInfinite})`;
  });
  const infinite = canBeInfinite ? `CAST('-infinity' AS ${type})` : 'NULL';
  const [bytes] = await writeParquet([
    `SELECT session AS "SessionId", item AS "ItemId", CASE WHEN is_infinite THEN ${infinite} ELSE ${timeOf[type]} END AS "Time"
     FROM (SELECT id, session::BIGINT AS session, item::INTEGER AS item, us::BIGINT AS us, is_infinite
       FROM (VALUES ${values.join(', ')}) t(id, session, item, us, is_infinite)) ORDER BY id`,
  ]);
  const file = join(folder, name);
  writeFileSync(file, bytes);
  return file;
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
        rows,
        typedStart,
        rows,
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

import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { testFolder } from '@gru4rec/test-support/folder';
import { describe, expect, it } from 'vitest';
import { type PrepareOptions, prepare } from '../src/index.ts';
import { writeParquet } from './fuzz/parquet-files.ts';

const folder = testFolder();

/** SQL for a log of few sessions and items, with equal times; the ids of two files overlap. */
function rows(from: number): string {
  const i = `(i + ${from})`;
  return `SELECT ${i} // 12 * 3 + ${i} % 3 - 5 AS s, ${i} * ${i} % 11 + 9007199254740990 AS i,
    1396437466 + ${i} // 3 * 600 AS t FROM range(60) r(i) ORDER BY ${i} * 31 % 17, i`;
}

async function write(name: string, select: string): Promise<string> {
  const bytes = await writeParquet(select);
  const file = join(folder, name);
  writeFileSync(file, bytes);
  return file;
}

async function fingerprint(inputs: PrepareOptions): Promise<unknown> {
  const { manifest, funnel, timeUnit } = await prepare({ ...inputs, overwrite: true });
  return { files: manifest.files, counts: manifest.counts, funnel, timeUnit };
}

describe('prepare, Parquet with integers', () => {
  const modes: [name: string, options: Partial<PrepareOptions>, isTested: boolean][] = [
    ['days', { testDays: 0.05, validationDays: 0.03 }, false],
    ['users and a given test split', { userColumn: 'SessionId', sessionGapMs: 3_000_000 }, true],
  ];

  it.each(modes)('gives the same dataset as text: %s', async (_, options, isTested) => {
    const paths = async (kind: string, columns: string) => {
      const file = (part: number) =>
        write(`${kind}-${part}.parquet`, `SELECT ${columns} FROM (${rows(part * 40)})`);
      return [await file(0), await file(1), await file(2)] as const;
    };
    const run = async (kind: string, columns: string) => {
      const [one, two, test] = await paths(kind, columns);
      const output = join(folder, `out-${kind}`);
      const testInputs = isTested ? [test] : undefined;
      return fingerprint({ ...options, inputs: [one, two], testInputs, output });
    };
    const text = await run(
      'text',
      'CAST(s AS VARCHAR) AS "SessionId", CAST(i AS VARCHAR) AS "ItemId", CAST(t AS VARCHAR) AS "Time"',
    );
    expect(await run('whole', 's AS "SessionId", i AS "ItemId", t AS "Time"')).toEqual(text);
    const mixed =
      'CAST(s AS TINYINT) AS "SessionId", CAST(i AS VARCHAR) AS "ItemId", CAST(t AS UINTEGER) AS "Time"';
    expect(await run('mixed', mixed)).toEqual(text);
    const train = readFileSync(join(folder, 'out-whole', 'train.arrow'));
    expect(train.equals(readFileSync(join(folder, 'out-text', 'train.arrow')))).toBe(true);
  });

  it.each([
    ['a time beyond its unit', 'CAST(9e14 AS BIGINT)', '900000000000000'],
    ['the least integer', '-9223372036854775808', '-9223372036854775808'],
  ])('reports bad rows: %s', async (_, time, value) => {
    const file = await write(
      'bad.parquet',
      `SELECT 1 AS "SessionId", i AS "ItemId", CASE i WHEN 2 THEN ${time} ELSE 1396437466000 + i END AS "Time" FROM range(4) r(i)`,
    );
    await expect(prepare({ inputs: [file], output: join(folder, 'bad') })).rejects.toThrow(
      `expected milliseconds since 1970, as most rows have, got "${value}", at ${file}:3`,
    );
  });
});

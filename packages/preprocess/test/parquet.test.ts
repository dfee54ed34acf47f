import { mkdirSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { DataError } from '@gru4rec/sessions';
import { describe, expect, it } from 'vitest';
import { prepare } from '../src/index.ts';
import { testFolder } from './folder.ts';
import { writeParquet } from './fuzz/parquet-files.ts';
import { readPlain } from './plain.ts';

const root = testFolder();
let count = 0;

async function written(
  select: string,
  change: (bytes: Buffer) => Buffer = (bytes) => bytes,
): Promise<string> {
  const [bytes] = await writeParquet([select]);
  const folder = join(root, String(count++));
  mkdirSync(folder);
  const file = join(folder, 'log.parquet');
  writeFileSync(file, change(bytes));
  return file;
}

async function messageFor(file: string): Promise<string> {
  const output = join(file, '..', 'out');
  const error: unknown = await prepare({ inputs: [file], output }).catch((reason) => reason);
  expect(error).toBeInstanceOf(DataError);
  expect(readdirSync(join(file, '..'))).toEqual(['log.parquet']);
  return (error as DataError).message.replaceAll(file, 'FILE');
}

const replaced = (from: string, to: string) => (bytes: Buffer) =>
  Buffer.from(bytes.toString('latin1').replaceAll(from, to), 'latin1');

describe('prepare, Parquet', () => {
  it.each([
    ['lists', '[i]', 'BIGINT[]'],
    ['structs', "{'a': i}", 'STRUCT(a BIGINT)'],
    ['maps', 'MAP {1: i}', 'MAP(INTEGER, BIGINT)'],
  ])('refuses %s as ids', async (_, id, type) => {
    const file = await written(`SELECT 1 AS "SessionId", ${id} AS "ItemId", i AS "Time" FROM range(3) t(i)`);
    expect(await messageFor(file)).toBe(
      `prepare: column "ItemId" expected texts, numbers or times, got ${type}, at FILE:1. Choose another column or unnest it.`,
    );
  });

  it('refuses a duplicate column, which DuckDB renames', async () => {
    const select = `SELECT 1 AS "SessionId", {'ItemId': 1} AS "Other", i AS "ItemId", i AS "ItemIe", i AS "Time" FROM range(3) t(i)`;
    expect(await messageFor(await written(select, replaced('ItemIe', 'ItemId')))).toBe(
      'prepare: column "ItemId" expected once in the header, got it twice, at FILE:1. Rename one of them.',
    );
  });

  it('reports a file without rows', async () => {
    const file = await written(`SELECT 1 AS "SessionId", 1 AS "ItemId", 1 AS "Time" LIMIT 0`);
    expect(await messageFor(file)).toBe(
      'prepare: "input" expected events, got only a header or blank lines, at FILE.',
    );
  });

  it('treats infinite and missing times as bad rows', async () => {
    for (const time of [
      "'infinity'::TIMESTAMP",
      "'-infinity'::TIMESTAMPTZ",
      "'infinity'::DATE",
      "'nan'::DOUBLE",
    ]) {
      const file = await written(`SELECT 1 AS "SessionId", 2 AS "ItemId", ${time} AS "Time"`);
      expect(await messageFor(file)).toMatch(
        /^prepare: "Time" expected .*, got "-?(infinity|nan)", at FILE:1\. /,
      );
    }
  });

  it('does not read columns from folder names', async () => {
    const folder = join(root, 'ItemId=7');
    mkdirSync(folder);
    const file = join(folder, 'log.parquet');
    const [bytes] = await writeParquet([
      `SELECT 1 AS "SessionId", 'i' || i AS "ItemId", i AS "Time" FROM range(2) t(i)`,
    ]);
    writeFileSync(file, bytes);
    const output = join(root, 'out');
    await prepare({ inputs: [file], output });
    expect((await readPlain(output)).items.map(({ id }) => id)).toEqual(['i0', 'i1']);
  });
});

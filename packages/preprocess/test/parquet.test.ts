import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { prepare } from '../src/index.ts';
import { writeParquet } from './fuzz/parquet-files.ts';
import { useLogs } from './logs.ts';
import { readPlain } from './plain.ts';

const { root, messageFor } = useLogs();

describe('prepare, Parquet', () => {
  it.each([
    ['lists', '[i]', 'BIGINT[]'],
    ['maps', 'MAP {1: i}', 'MAP(INTEGER, BIGINT)'],
  ])('refuses %s as ids', async (_, id, type) => {
    const log = await writeParquet(
      `SELECT 1 AS "SessionId", ${id} AS "ItemId", i AS "Time" FROM range(3) t(i)`,
    );
    expect(await messageFor(log)).toBe(
      `prepare: column "ItemId" expected texts, numbers or times, got ${type}, at FILE:1. Choose another column or unnest it.`,
    );
  });

  it('reports a file without rows', async () => {
    expect(
      await messageFor(await writeParquet('SELECT 1 AS "SessionId", 1 AS "ItemId", 1 AS "Time" LIMIT 0')),
    ).toBe('prepare: "input" expected events, got only a header or blank lines, at FILE.');
  });

  it('treats infinite and missing times as bad rows', async () => {
    for (const time of [
      "'infinity'::TIMESTAMP",
      "'-infinity'::TIMESTAMPTZ",
      "'infinity'::DATE",
      "'nan'::DOUBLE",
    ]) {
      const log = await writeParquet(`SELECT 1 AS "SessionId", 2 AS "ItemId", ${time} AS "Time"`);
      expect(await messageFor(log)).toMatch(
        /^prepare: "Time" expected .*, got "-?(infinity|nan)", at FILE:1\. /,
      );
    }
  });

  it('does not read columns from folder names', async () => {
    const folder = join(root, 'ItemId=7');
    mkdirSync(folder);
    const file = join(folder, 'log.parquet');
    writeFileSync(
      file,
      await writeParquet(`SELECT 1 AS "SessionId", 'i' || i AS "ItemId", i AS "Time" FROM range(2) t(i)`),
    );
    const output = join(root, 'out');
    await prepare({ inputs: [file], output });
    expect((await readPlain(output)).items.map(({ id }) => id)).toEqual(['i0', 'i1']);
  });
});

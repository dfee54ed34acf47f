import { mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DuckDBInstance } from '@duckdb/node-api';
import { afterAll, describe, expect, it } from 'vitest';
import { runGenerateCommand } from '../../src/generate/command.ts';

const folder = mkdtempSync(join(tmpdir(), 'generate-'));
afterAll(() => rmSync(folder, { recursive: true }));

async function run(words: string, signal?: AbortSignal) {
  const [out, err]: [string[], string[]] = [[], []];
  const status = await runGenerateCommand(words.split(' '), {
    resolvePath: (path) => join(folder, path),
    print: (line) => out.push(line),
    complain: (line) => err.push(line),
    ...(signal && { signal }),
  });
  return { status, out, err };
}

/** Rows of a query whose FROM is the files of a log, in the order of their names. */
async function query(name: string, select: string): Promise<Record<string, unknown>[]> {
  const instance = await DuckDBInstance.create(':memory:');
  const connection = await instance.connect();
  try {
    const files = `read_parquet('${join(folder, name)}/*.parquet', filename = true, file_row_number = true)`;
    return (await connection.runAndReadAll(select.replace('LOG', files))).getRowObjectsJS();
  } finally {
    connection.closeSync();
    instance.closeSync();
  }
}

const rowsOf = (name: string) =>
  query(name, 'SELECT SessionId, ItemId, Time FROM LOG ORDER BY filename, file_row_number');

describe('runGenerateCommand', () => {
  it('writes parts of the given number of rows, the last with the rest', async () => {
    const { status, out, err } = await run('--output log --events 50000 --items 2000 --rows-per-part 15000');
    expect([status, out.length]).toEqual([0, 1]);
    expect(out[0]).toMatch(/^log: 50,000 events in 4 parts, \d+\.\d s$/);
    expect(err).toHaveLength(3);
    expect(err[0]).toMatch(/^15,000 of 50,000 events, \d+ s left$/);
    expect(readdirSync(join(folder, 'log'))).toEqual([
      'part-00000.parquet',
      'part-00001.parquet',
      'part-00002.parquet',
      'part-00003.parquet',
    ]);
    const parts = await query(
      'log',
      'SELECT CAST(count(*) AS INTEGER) AS n FROM LOG GROUP BY filename ORDER BY filename',
    );
    expect(parts.map(({ n }) => n)).toEqual([15_000, 15_000, 15_000, 5_000]);
    const types = await query('log', 'DESCRIBE SELECT SessionId, ItemId, Time FROM LOG');
    expect(types.map((row) => row['column_type'])).toEqual(['BIGINT', 'BIGINT', 'BIGINT']);
  });

  it('writes the same rows for a seed with any parts, and others for another seed', async () => {
    const log = '--events 3000 --items 500';
    await run(`--output whole ${log} --seed 4`);
    await run(`--output cut ${log} --seed 4 --rows-per-part 700`);
    await run(`--output other ${log} --seed 5`);
    const whole = await rowsOf('whole');
    expect(whole).toHaveLength(3_000);
    expect(await rowsOf('cut')).toEqual(whole);
    expect(await rowsOf('other')).not.toEqual(whole);
  });

  it('writes parallel sessions in order of time, with a long tail of items', async () => {
    const [shape = {}] = await query(
      'log',
      `WITH rows AS (SELECT *, row_number() OVER (ORDER BY filename, file_row_number) AS place FROM LOG),
         pairs AS (SELECT *, lag(Time) OVER (ORDER BY place) AS before, lag(SessionId) OVER (ORDER BY place) AS neighbour FROM rows),
         sessions AS (SELECT count(*) AS n FROM rows GROUP BY SessionId),
         items AS (SELECT count(*) AS n, row_number() OVER (ORDER BY count(*) DESC) AS place FROM rows GROUP BY ItemId)
       SELECT (SELECT CAST(count(*) AS INTEGER) FROM pairs WHERE Time < before) AS backwards,
         (SELECT avg(CASE WHEN SessionId = neighbour THEN 1 ELSE 0 END) FROM pairs) AS beside,
         (SELECT avg(n) FROM sessions) AS meanLength, (SELECT CAST(max(n) AS INTEGER) FROM sessions) AS longest,
         (SELECT sum(n) FILTER (place <= 20) / sum(n) FROM items) AS top`,
    );
    expect(shape['backwards']).toBe(0);
    expect(shape['beside']).toBeLessThan(0.5);
    expect(shape['meanLength']).toBeCloseTo(5, 0);
    expect(shape['longest']).toBeLessThanOrEqual(200);
    expect(shape['top']).toBeGreaterThan(0.08);
    expect(shape['top']).toBeLessThan(0.3);
  });

  it.each([
    ['--output new --events 0', 'generate: "events" expected integer in [1, 1000000000], got 0.'],
    ['--output new --items 1.5', 'generate: "items" expected integer in [10, 10000000], got 1.5.'],
    ['--output new --rows-per-part 0', 'generate: "rows-per-part" expected integer in [1, 10000000], got 0'],
    [
      '--output new --seed -1',
      'generate: "seed" expected integer in [0, 2^53), got -1. Pass larger seeds as a bigint.',
    ],
    ['--output new --evnts 5', 'Unknown argument: evnts'],
    ['--events 5', 'Missing required argument: output'],
  ])('answers %j with 2 and one line', async (words, message) => {
    const { status, out, err } = await run(words);
    expect([status, out, err]).toEqual([2, [], [message]]);
    expect(readdirSync(folder).filter((name) => name.startsWith('new'))).toEqual([]);
  });

  it('refuses a folder with files, and accepts an empty one', async () => {
    mkdirSync(join(folder, 'full'));
    writeFileSync(join(folder, 'full', 'mine.txt'), '');
    const { status, err } = await run('--output full --events 100');
    expect(status).toBe(2);
    expect(err[0]).toMatch(/^generate: "output" expected a new folder, got a folder with files, at /);
    expect(readdirSync(join(folder, 'full'))).toEqual(['mine.txt']);
    mkdirSync(join(folder, 'empty'));
    expect((await run('--output empty --events 100 --items 10')).status).toBe(0);
    expect(readdirSync(join(folder, 'empty'))).toEqual(['part-00000.parquet']);
  });

  it('leaves nothing behind when it is aborted', async () => {
    const signal = AbortSignal.abort(new Error('stopped'));
    await expect(run('--output stopped --events 100 --items 10', signal)).rejects.toThrow('stopped');
    expect(readdirSync(folder).filter((name) => name.startsWith('stopped'))).toEqual([]);
  });
});

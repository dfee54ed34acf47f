import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { testFolder } from '@gru4rec/test-support/folder';
import { describe, expect, it } from 'vitest';
import { DuckDb, fileName, quote } from '../../../src/backends/duckdb/duckdb.ts';

const folder = testFolder();
const write = (...names: string[]) => {
  const file = join(folder, ...names);
  writeFileSync(file, 'a\n1\n');
  return file;
};

async function withDb<Result>(files: string[], use: (db: DuckDb) => Promise<Result>): Promise<Result> {
  const directory = join(folder, 'own');
  mkdirSync(directory, { recursive: true });
  const db = await DuckDb.open({ directory, files });
  return use(db).finally(() => db.close());
}

describe('DuckDb', () => {
  it('reads the given files, whatever their names, and its own', async () => {
    const [odd, other] = [write('b[1]*?.csv'), write("it's.csv")];
    await withDb([odd, other], async (db) => {
      const own = write('own', 'clean.csv');
      for (const file of [odd, other, own]) {
        expect(await db.numbers(`SELECT count(*) AS rows FROM read_csv(${fileName(file)})`)).toEqual({
          rows: 1,
        });
      }
    });
  });

  it('reads no other file, loads no extension and keeps its settings', async () => {
    const other = write('other.csv');
    await withDb([write('given.csv')], async (db) => {
      for (const sql of [
        `SELECT * FROM read_csv(${fileName(other)})`,
        `SELECT * FROM read_text(${quote('/etc/hostname')})`,
        `SELECT * FROM glob(${quote(join(folder, '*.csv'))})`,
        `COPY (SELECT 1) TO ${quote(join(folder, 'new.csv'))}`,
        `ATTACH ${quote(join(folder, 'new.db'))}`,
        `SELECT * FROM 'https://localhost/log.parquet'`,
      ]) {
        await expect(db.run(sql), sql).rejects.toThrow(
          /file system operations are disabled by configuration/,
        );
      }
      await expect(db.run('INSTALL httpfs')).rejects.toThrow('Permission Error');
      for (const name of ['httpfs', quote(join(folder, 'own.duckdb_extension'))]) {
        await expect(db.run(`LOAD ${name}`)).rejects.toThrow('Loading external extensions is disabled');
      }
      await expect(db.run('SET enable_external_access = true')).rejects.toThrow('has been locked');
    });
  });

  it('interrupts a running statement when the process exits', async () => {
    await withDb([], async (db) => {
      const running = db.run(
        'CREATE TABLE t AS SELECT count(*) AS n FROM range(100_000_000_000) r(i) WHERE hash(i) % 7 = 1',
      );
      const [interrupt] = process.listeners('exit');
      setTimeout(() => interrupt?.(0), 50);
      await expect(running).rejects.toThrow(/interrupt/i);
    });
  });
});

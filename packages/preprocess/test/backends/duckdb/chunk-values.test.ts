import { testFolder } from '@gru4rec/test-support/folder';
import { describe, expect, it, onTestFinished } from 'vitest';
import { fitsInMemory, loadEvents } from '../../../src/backends/duckdb/chunk-values.ts';
import { DuckDb } from '../../../src/backends/duckdb/duckdb.ts';

const directory = testFolder();

async function open(memoryLimit: string): Promise<DuckDb> {
  const db = await DuckDb.open({ directory, memoryLimit, threads: 1 });
  onTestFinished(() => db.close());
  return db;
}

describe('fitsInMemory', () => {
  it('compares events with the memory limit', async () => {
    const db = await open('1GB');
    expect(await fitsInMemory(db, 1_000_000, false)).toBe(true);
    expect(await fitsInMemory(db, 100_000_000, false)).toBe(false);
  });

  it('needs more memory for events with text ids, and refuses many of them', async () => {
    const db = await open('500MB');
    expect(await fitsInMemory(db, 8_000_000, false)).toBe(true);
    expect(await fitsInMemory(db, 8_000_000, true)).toBe(false);
    const large = await open('100GB');
    expect(await fitsInMemory(large, 8_000_000, true)).toBe(true);
    expect(await fitsInMemory(large, 10_000_000, true)).toBe(false);
  });

  it('counts the tables of the database', async () => {
    const db = await open('100MB');
    expect(await fitsInMemory(db, 3_000_000, false)).toBe(true);
    await db.run('CREATE TABLE t AS SELECT i, i * i AS square FROM range(4_000_000) r(i)');
    expect(await fitsInMemory(db, 3_000_000, false)).toBe(false);
  });
});

describe('loadEvents', () => {
  it('refuses events that are not in order', async () => {
    const db = await open('1GB');
    await db.run('CREATE TABLE t AS SELECT 1 AS session, 1 AS item, -i // 4000 AS ms FROM range(5000) r(i)');
    expect(await loadEvents(db, 't', { rows: 5000, hasContext: false }, () => undefined)).toBeUndefined();
  });
});

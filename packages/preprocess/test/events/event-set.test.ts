import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { readDataset } from '@gru4rec/dataset';
import { testFolder } from '@gru4rec/test-support/folder';
import { describe, expect, it } from 'vitest';
import { DuckDbBackend } from '../../src/backends/duckdb/duckdb-backend.ts';
import { readSessions } from '../../src/events/event-set.ts';
import { append, prepare } from '../../src/index.ts';
import { checkPrepare } from '../../src/options.ts';

const folder = testFolder();

describe('readSessions', () => {
  it('frees a split in the engine before it sorts the next one', async () => {
    const db = await DuckDbBackend.open(
      checkPrepare({ inputs: ['log'], output: join(folder, 'out') }),
      folder,
    );
    try {
      await db.createTable('session_names', "SELECT 0 AS number, 'a' AS name");
      await db.createTable(
        'session_index',
        'SELECT 0 AS session, 0 AS split, 3::INTEGER AS events, 1 AS first',
      );
      await db.createTable('item_index', 'SELECT 7 AS item, 0::INTEGER AS item_index, 3::INTEGER AS support');
      await db.createTable(
        'events',
        'SELECT i AS ord, 0 AS session, 7 AS item, i AS ms, 0 AS split FROM range(3) r(i)',
      );
      const count = async () => (await db.numbers('SELECT count(*) AS n FROM duckdb_tables()'))['n'];
      const before = await count();
      const times: bigint[] = [];
      for await (const chunk of readSessions(db, 0, false)) times.push(...chunk.times);
      expect(times).toEqual([0n, 1n, 2n]);
      expect(await count()).toBe(before);
    } finally {
      await db.close();
    }
  });

  it('keeps a byte order mark at the start of an id, even after an append', async () => {
    const log = (name: string, second: number): string => {
      const file = join(folder, name);
      const rows = ['s,a', 's,\ufeffa', 's,\ufeff\ufeffa', '\ufefft,\ufeff', '\ufefft,a'];
      const lines = rows.map((row, index) => `${row},${second + index}\n`);
      writeFileSync(file, `SessionId,ItemId,Time\n${lines.join('')}`);
      return file;
    };
    const output = join(folder, 'marked');
    await prepare({ inputs: [log('one.csv', 1)], output });
    await append({ inputs: [log('two.csv', 11)], output });
    const { itemIds, train } = await readDataset(output);
    expect(itemIds.slice()).toEqual(['a', '\ufeffa', '\ufeff\ufeffa', '\ufeff']);
    expect(train.sessionIds).toEqual(['s', '\ufefft', 's', '\ufefft']);
    expect([...train.items]).toEqual([0, 1, 2, 3, 0, 0, 1, 2, 3, 0]);
  });
});

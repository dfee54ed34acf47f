import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { testFolder } from '@gru4rec/test-support/folder';
import { tableFromArrays, tableToIPC } from 'apache-arrow';
import { describe, expect, it } from 'vitest';
import { sampleLog } from '../src/index.ts';
import { writeParquet } from './fuzz/parquet-files.ts';

const folder = testFolder();

function write(name: string, content: string | Uint8Array): string {
  const file = join(folder, name);
  writeFileSync(file, content);
  return file;
}

describe('sampleLog', () => {
  it.each<[string, string | Uint8Array]>([
    ['CSV', 'user,sku,n\na,"x, y",1\nb,,2.5\n'],
    ['CSV with semicolons, a byte order mark and CRLF', '\ufeffuser;sku;n\r\na;"x, y";1\r\n\r\nb;;2.5\r\n'],
    ['TSV, gzipped', gzipSync('user\tsku\tn\na\tx, y\t1\nb\t\t2.5\n')],
    ['JSON Lines', '{"user":"a","sku":"x, y","n":1}\n{"user":"b","sku":null,"n":2.5,"more":{}}\n'],
    [
      'JSON Lines of an event log',
      '{"EventLog":"gru4rec","Day":"2026-05-01"}\n{"user":"a","sku":"x, y","n":1}\n{"user":"b","n":2.5}\n',
    ],
    ['Arrow', tableToIPC(tableFromArrays({ user: ['a', 'b'], sku: ['x, y', null], n: [1, 2.5] }), 'file')],
  ])('reads rows of %s as texts', async (_, content) => {
    const { columns, rows, share, events } = await sampleLog([write('log', content)]);
    expect([columns, share, events]).toEqual([['user', 'sku', 'n'], 1, undefined]);
    expect(rows).toEqual([
      { user: 'a', sku: 'x, y', n: '1' },
      { user: 'b', n: '2.5' },
    ]);
  });

  it('reads the first rows of Parquet, and says which share they are', async () => {
    const values = 'SELECT i AS session, to_timestamp(i) AS at FROM range(400000) t(i)';
    const { columns, rows, share } = await sampleLog([write('log', await writeParquet(values))]);
    expect(columns).toEqual(['session', 'at']);
    expect([rows.length, rows[1], share]).toEqual([
      200_000,
      { session: '1', at: expect.stringMatching(/^1970-01-01 \d\d:00:01/) },
      0.5,
    ]);
  });

  it('reads the starts of some of many files, and of a long one', async () => {
    const text = `SessionId,ItemId,Time\n${'1,2,3\n'.repeat(1_000_000)}`;
    const long = await sampleLog([write('long.csv', text)]);
    expect(long.share).toBeCloseTo((4 << 20) / text.length, 3);
    const files = Array.from({ length: 40 }, (_, at) => write(`${at}.csv`, `a,b\n${at},1\n`));
    const { rows, ...some } = await sampleLog(files);
    expect([rows.map(({ a }) => Number(a)), some.share, some.files]).toEqual([
      [0, 4, 8, 12, 16, 20, 24, 28, 32, 36],
      1 / 4,
      40,
    ]);
  });

  it('gives a row per event of a line, and none for what is no line', async () => {
    const lines = '{"s":1,"list":[{"aid":1},{"aid":2}]}\nnonsense\n{"s":2,"list":[{"aid":3}]}\n';
    const { rows, events } = await sampleLog([write('log', lines)]);
    expect(rows).toEqual([{ s: '1', aid: '1' }, { s: '1', aid: '2' }, {}, { s: '2', aid: '3' }]);
    expect(events).toBe('list');
  });
});

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

  it('reads the starts of some of many files, and of long ones, and says which share they are', async () => {
    const text = `a,b,c\n${'1,2,3\n'.repeat(100_000)}`;
    const wide = `SELECT to_timestamp(i) AS at, ${Array.from({ length: 19 }, (_, at) => `i AS c${at}`)}`;
    const parquet = await writeParquet(`${wide} FROM range(4000) t(i)`);
    const short = Array.from({ length: 8 }, (_, at) => write(`short-${at}`, `a\n${at}\n`));
    const { rows, share, files } = await sampleLog([write('long', text), write('wide', parquet), ...short]);
    expect(share).toBeCloseTo((0.1 * (4 << 20)) / text.length / 10 + 0.5 / 10 + 8 / 10, 4);
    expect([files, rows.filter(({ c18 }) => c18 !== undefined).length]).toEqual([10, 2000]);
    expect(rows.find(({ c18 }) => c18 === '1')?.['at']).toMatch(/^1970-01-01 \d\d:00:01/);
    const many = Array.from({ length: 40 }, (_, at) => write(`${at}.csv`, `a,b\n${at},1\n`));
    const some = await sampleLog(many);
    expect([some.rows.map(({ a }) => Number(a)), some.share, some.files]).toEqual([
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

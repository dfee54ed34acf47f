import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { readDataset } from '@gru4rec/dataset';
import { describe, expect, it } from 'vitest';
import { prepare } from '../src/index.ts';
import { header, useLogs } from './logs.ts';

const { written } = useLogs();

describe('prepare, on bad rows skip', () => {
  it('counts bad rows and lists them with line numbers', async () => {
    const file = written(`${header}1,a,5\r\n1,b\n\n"1,c,7\n1,d,x\ty\n,e,8\n1,f,9\n`);
    const output = join(file, '..', 'out');
    const report = await prepare({ inputs: [file], output, onBadRow: 'skip' });
    expect(report.badRows).toBe(4);
    expect(report.funnel.slice(0, 2)).toEqual([
      { split: 'all', step: 'rows read', events: 6, sessions: 1, items: 4, removedEvents: 0 },
      { split: 'all', step: 'bad rows', events: 2, sessions: 1, items: 2, removedEvents: 4 },
    ]);
    const lines = readFileSync(join(output, 'bad-rows.tsv'), 'utf8').replaceAll(file, 'FILE').split('\n');
    expect(lines).toEqual([
      'file\trow\tcolumn\tvalue\texpected',
      'FILE\t3\t\t1,b\t3 columns in UTF-8, found 2 columns instead of 3',
      'FILE\t5\t\t"1,c,7\t3 columns in UTF-8, found a quote that is never closed',
      'FILE\t6\tTime\tx\\ty\tseconds since 1970, as most rows have',
      'FILE\t7\tSessionId\t\tan id',
      '',
    ]);
    expect((await readDataset(output)).itemIds.slice()).toEqual(['a', 'f']);
  });

  it('skips bad JSON lines', async () => {
    const file = written(
      '{"SessionId":1,"ItemId":"a","Time":1}\nnull\n{"SessionId"\n{"SessionId":1,"ItemId":"b","Time":2}\n',
    );
    const output = join(file, '..', 'out');
    expect((await prepare({ inputs: [file], output, onBadRow: 'skip' })).badRows).toBe(2);
    expect((await readDataset(output)).itemIds.slice()).toEqual(['a', 'b']);
  });

  it('gives the line number of a bad row late in a large file', async () => {
    const rows = Array.from({ length: 300_000 }, (_, row) => `${row >> 1},i${row % 100},${row}\n`);
    rows[250_000] = 'short\n';
    rows[260_000] = '1,,5\n';
    const file = written(header + rows.join(''));
    const output = join(file, '..', 'out');
    await expect(prepare({ inputs: [file], output })).rejects.toMatchObject({ file, row: 250_002 });
    const report = await prepare({ inputs: [file], output, onBadRow: 'skip', minSessionLength: 1 });
    expect(report.badRows).toBe(2);
    expect(report.manifest.counts.splits.train?.events).toBe(300_000 - 2);
    const listed = readFileSync(join(output, 'bad-rows.tsv'), 'utf8').split('\n').slice(1, 3);
    expect(listed.map((line) => line.split('\t')[1])).toEqual(['250002', '260002']);
  });
});

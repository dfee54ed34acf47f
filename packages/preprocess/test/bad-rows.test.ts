import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { testFolder } from '@gru4rec/test-support/folder';
import { describe, expect, it } from 'vitest';
import { type BadRow, BadRowList, writeBadRows } from '../src/bad-rows.ts';

const folder = testFolder();
const row = (number: number): BadRow => ({
  file: 'log.csv',
  row: number,
  column: '',
  value: 'a\tb',
  expected: '3 columns',
});

describe('BadRowList', () => {
  it('lists rows up to its limit and counts the others', async () => {
    const rows = new BadRowList();
    for (let number = 1; number <= 1_000_002; number++) rows.add(row(1));
    expect([rows.count, rows.listed.length]).toEqual([1_000_002, 1_000_000]);
    const path = join(folder, 'bad-rows.tsv');
    await writeBadRows(path, { count: 4, listed: [row(2), row(3)] });
    expect(readFileSync(path, 'utf8').split('\n')).toEqual([
      'file\trow\tcolumn\tvalue\texpected',
      'log.csv\t2\t\ta\\tb\t3 columns',
      'log.csv\t3\t\ta\\tb\t3 columns',
      '\t\t\t\tand 2 rows more',
      '',
    ]);
  });
});

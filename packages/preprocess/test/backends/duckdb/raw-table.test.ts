import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { testFolder } from '@gru4rec/test-support/folder';
import { describe, expect, it } from 'vitest';
import { prepare } from '../../../src/index.ts';
import { writeParquet } from '../../fuzz/parquet-files.ts';
import { readPlain } from '../../plain.ts';

const folder = testFolder();
const ROWS = 5000;

function write(name: string, rows: readonly string[]): string {
  const file = join(folder, name);
  writeFileSync(file, ['SessionId,ItemId,Time', ...rows, ''].join('\n'));
  return file;
}

async function idsOf(inputs: readonly string[]): Promise<{ sessions: string[]; items: string[] }> {
  const output = join(folder, 'out');
  await prepare({ inputs, output, overwrite: true, minSessionLength: 1 });
  const { items, splits } = await readPlain(output);
  return { sessions: splits['train'].map(({ id }) => id), items: items.map(({ id }) => id) };
}

describe('table raw', () => {
  const integers = Array.from({ length: ROWS }, (_, row) => `${row % 7},${row % 11},${row}`);

  it('keeps an id whose number has another text', async () => {
    const texts = [
      '007',
      '7.0',
      '1e1',
      '+7',
      ' 7',
      '-0',
      '1_0',
      '9223372036854775808',
      '-9223372036854775809',
      '7',
    ];
    const file = write('texts.csv', [
      ...integers,
      ...texts.map((text, row) => `"${text}","${text}",${ROWS + row}`),
    ]);
    const { sessions, items } = await idsOf([file]);
    expect(sessions).toEqual([...Array(7).keys()].map(String).concat(texts));
    expect(items).toEqual([...Array(11).keys()].map(String).concat(texts.filter((text) => text !== '7')));
  });

  it('keeps integers of 64 bits', async () => {
    const texts = ['9223372036854775807', '-9223372036854775808', '9007199254740993', '0', '-1'];
    const file = write(
      'wide.csv',
      texts.map((text, row) => `${text},${text},${row}`),
    );
    expect(await idsOf([file])).toEqual({ sessions: texts, items: texts });
  });

  it('reads integers and texts of several files as the same ids', async () => {
    const parquet = await writeParquet(
      'SELECT i % 7 AS "SessionId", (i % 11)::UINTEGER AS "ItemId", i::UBIGINT AS "Time" FROM range(5000) r(i)',
    );
    const whole = join(folder, 'whole.parquet');
    writeFileSync(whole, parquet);
    const text = write('more.csv', ['3,a,5000', 'x,7,5001']);
    const { sessions, items } = await idsOf([whole, text]);
    expect(sessions).toEqual(['0', '1', '2', '3', '4', '5', '6', 'x']);
    expect(items).toEqual([...Array(11).keys()].map(String).concat('a'));
  });

  it('names the line of a bad row after a column became text', async () => {
    const whole = write('first.csv', integers);
    const mixed = write('second.csv', [...integers, 'x,y,12', 'x,y,when']);
    await expect(idsOf([whole, mixed])).rejects.toThrow(
      `"Time" expected seconds since 1970, as most rows have, got "when", at ${mixed}:${ROWS + 3}.`,
    );
  });

  it('names the original text of a time of another unit', async () => {
    const file = write('iso.csv', [...integers, '1,1,2014-04-02T10:30:00.250Z']);
    await expect(idsOf([file])).rejects.toThrow(`got "2014-04-02T10:30:00.250Z", at ${file}:${ROWS + 2}.`);
    const other = write('number.csv', ['1,1,2014-04-02 10:30:00', '1,2,2014-04-02', '1,3,12']);
    await expect(idsOf([other])).rejects.toThrow(
      `expected an ISO 8601 time, as most rows have, got "12", at ${other}:4.`,
    );
  });
});

import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { readRecords, splitFields } from '../src/records.ts';
import { testFolder } from './folder.ts';

const folder = testFolder();
const file = join(folder, 'log.csv');

async function recordsOf(content: string, delimiter = ','): Promise<[number, string, string?][]> {
  writeFileSync(file, content);
  const records: [line: number, text: string, fault?: string][] = [];
  for await (const batch of readRecords(file, delimiter)) {
    for (const { line, bytes, fault } of batch) {
      records.push(fault === undefined ? [line, bytes.toString()] : [line, bytes.toString(), fault]);
    }
  }
  return records;
}

describe('readRecords', () => {
  it('counts lines over quoted line ends and blank lines', async () => {
    expect(await recordsOf('a,b\r\n"1\n""2",x\n\n3,4')).toEqual([
      [1, 'a,b'],
      [2, '"1\n""2",x'],
      [5, '3,4'],
    ]);
  });

  it('takes a quote that stays open for one line', async () => {
    expect(await recordsOf('"1,2\n3,4\n')).toEqual([
      [1, '"1,2', 'a quote that is never closed'],
      [2, '3,4'],
    ]);
    const long = `"1,2\n${'3,4\n'.repeat(600_000)}`;
    const records = await recordsOf(long);
    expect(records.length).toBe(600_001);
    expect(records.at(-1)).toEqual([600_001, '3,4']);
  });

  it('leaves quotes within a field alone', async () => {
    expect(await recordsOf('a"b,5""\nc,d\n')).toEqual([
      [1, 'a"b,5""'],
      [2, 'c,d'],
    ]);
  });

  it('takes a line that is too long for one bad record', async () => {
    const limit = 2 << 20;
    for (const more of [-1, 0, 1, 1000, 3 << 20]) {
      const long = 'x'.repeat(limit + more);
      const records = await recordsOf(`1,2\n${long}\n3,4\n${long}`);
      expect(records.map(([line]) => line)).toEqual([1, 2, 3, 4]);
      expect(records.map(([, , fault]) => fault)).toEqual(
        [false, more > 0, false, more > 0].map((isBad) => (isBad ? 'more than 2 MiB' : undefined)),
      );
      expect(records[1][1] === long || more > 0).toBe(true);
    }
  });

  it('lets a line of JSON be as long as DuckDB does', async () => {
    const long = 'x'.repeat(16 << 20);
    expect((await recordsOf(`${long}\n{}\n`, '')).map(([, , fault]) => fault)).toEqual([
      undefined,
      undefined,
    ]);
    const [first, second] = await recordsOf(`${long}x\n{}\n`, '');
    expect([first[2], second[1]]).toEqual(['more than 16 MiB', '{}']);
  });

  it('finds every record again wherever a chunk ends', async () => {
    const field = fc.string({ unit: fc.constantFrom('a', '"', ',', '\n', ' ', 'é'), maxLength: 6 });
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.tuple(field, field), { minLength: 1 }),
        fc.nat({ max: 40 }),
        async (rows, shift) => {
          const text = rows.map((row) => row.map((value) => `"${value.replaceAll('"', '""')}"`).join(','));
          // The first record ends just before the 1 MiB at which the file is cut.
          const filler = 'x'.repeat((1 << 20) - 1 - shift);
          const records = await recordsOf(`${filler}\n${text.join('\n')}\n`);
          const found = records
            .slice(1)
            .map(([, record]) => splitFields(record, ',').fields.map((value) => value ?? ''));
          expect(found).toEqual(rows);
        },
      ),
      { seed: 5, numRuns: 50 },
    );
  });
});

describe('splitFields', () => {
  it('takes a carriage return within quotes alone', () => {
    expect(splitFields('"a\rb",c', ',')).toEqual({ fields: ['a\rb', 'c'] });
    expect(splitFields('a,b\r', ',').problem).toBe('a carriage return that ends no line');
  });

  it('reads quoted, blank and plain fields', () => {
    expect(splitFields('a, "b ""c""" ,,"",d e', ',')).toEqual({ fields: ['a', 'b "c"', null, null, 'd e'] });
  });
});

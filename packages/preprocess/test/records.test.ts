import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { readRecords, splitFields } from '../src/records.ts';
import { testFolder } from './folder.ts';

const folder = testFolder();
const file = join(folder, 'log.csv');

async function recordsOf(content: string): Promise<[line: number, text: string, closed: boolean][]> {
  writeFileSync(file, content);
  const records: [number, string, boolean][] = [];
  for await (const batch of readRecords(file, ',')) {
    for (const { line, bytes, closed } of batch) records.push([line, bytes.toString(), closed]);
  }
  return records;
}

describe('readRecords', () => {
  it('counts lines over quoted line ends and blank lines', async () => {
    expect(await recordsOf('a,b\r\n"1\n""2",x\n\n3,4')).toEqual([
      [1, 'a,b', true],
      [2, '"1\n""2",x', true],
      [5, '3,4', true],
    ]);
  });

  it('takes a quote that stays open for one line', async () => {
    expect(await recordsOf('"1,2\n3,4\n')).toEqual([
      [1, '"1,2', false],
      [2, '3,4', true],
    ]);
    const long = `"1,2\n${'3,4\n'.repeat(600_000)}`;
    const records = await recordsOf(long);
    expect(records.length).toBe(600_001);
    expect(records.at(-1)).toEqual([600_001, '3,4', true]);
  });

  it('leaves quotes within a field alone', async () => {
    expect(await recordsOf('a"b,5""\nc,d\n')).toEqual([
      [1, 'a"b,5""', true],
      [2, 'c,d', true],
    ]);
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
  it('reads quoted, blank and plain fields', () => {
    expect(splitFields('a, "b ""c""" ,,"",d e', ',')).toEqual({ fields: ['a', 'b "c"', null, null, 'd e'] });
  });
});

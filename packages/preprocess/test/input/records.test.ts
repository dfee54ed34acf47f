import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { testFolder } from '@gru4rec/test-support/folder';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parseRecord, RecordScanner, readRecords, splitFields } from '../../src/input/records.ts';

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
  it('treats an unclosed quote as one bad line', async () => {
    expect(await recordsOf('"1,2\n3,4\n')).toEqual([
      [1, '"1,2', 'a quote that is never closed'],
      [2, '3,4'],
    ]);
  });

  it('takes linear time if no line closes what another opens', async () => {
    const records = await recordsOf('a"b,"\n'.repeat(100_000));
    expect(records.filter(([, , fault]) => fault !== undefined)).toHaveLength(100_000);
  });

  it('treats a line that is too long as one bad record', async () => {
    const [long, tooLong] = ['x'.repeat((2 << 20) + 1), 'more than 2 MiB'];
    const records = await recordsOf(`1,2\n${long}\n3,4\n${long.repeat(2)}`);
    expect(records.map(([line]) => line)).toEqual([1, 2, 3, 4]);
    expect(records.map(([, , fault]) => fault)).toEqual([undefined, tooLong, undefined, tooLong]);
  });

  it('accepts JSON lines up to the limit of DuckDB', async () => {
    const long = 'x'.repeat(16 << 20);
    const faults = (await recordsOf(`${long}\n${long}x\n{}\n`, '')).map(([, , fault]) => fault);
    expect(faults).toEqual([undefined, 'more than 16 MiB', undefined]);
  });
});

function scan(text: string, maxBytes: number, chunkBytes: number) {
  const scanner = new RecordScanner(',', maxBytes);
  const bytes = Buffer.from(text);
  const found = [];
  for (let at = 0; at < bytes.length; at += chunkBytes) {
    found.push(...scanner.push(bytes.subarray(at, at + chunkBytes), false));
  }
  found.push(...scanner.push(Buffer.alloc(0), true));
  return found.map(({ line, bytes, fault }) => shown(line, bytes.toString(), fault !== undefined));
}

/** Keeps only the start of a bad record, because the scanner does not keep all of it. */
function shown(line: number, text: string, isBad: boolean): [line: number, text: string, isBad: boolean] {
  return [line, isBad ? text.slice(0, 1) : text, isBad];
}

/** The same result by trying all combinations of lines. */
function scanSlowly(text: string, maxBytes: number): ReturnType<typeof shown>[] {
  const lines = text.split('\n');
  const records: ReturnType<typeof shown>[] = [];
  for (let first = 0; first < lines.length; ) {
    let last = first;
    const record = () => lines.slice(first, last + 1).join('\n');
    // A quoted field may be closed by a later line.
    while (last < lines.length && record().length <= maxBytes && isOpen(record())) last++;
    const isBad = last === lines.length || record().length > maxBytes;
    if (isBad) last = first;
    if (record() !== '') records.push(shown(first + 1, record(), isBad));
    first = last + 1;
  }
  return records;
}

function isOpen(record: string): boolean {
  let rest = record;
  for (;;) {
    const [field = ''] = /^ *"(?:[^"]|"")*"(?!")[^,]*|^(?! *")[^,]+|^,/.exec(rest) ?? [];
    if (field === '') return rest !== '';
    rest = rest.slice(field.length);
  }
}

describe('RecordScanner', () => {
  it('agrees with the naive scan', () => {
    const piece = fc.constantFrom('a', '"', '""', ',', ' ', '\n', ',"', '"\n', '",\n', 'a"b,"');
    fc.assert(
      fc.property(
        fc.array(piece, { maxLength: 60 }),
        fc.integer({ min: 1, max: 40 }),
        (pieces, chunkBytes) => {
          const text = pieces.join('');
          expect(scan(text, 20, chunkBytes)).toEqual(scanSlowly(text, 20));
        },
      ),
      { seed: 3, numRuns: 3000 },
    );
  });
});

describe('splitFields', () => {
  it('accepts a carriage return only within quotes', () => {
    expect(splitFields('"a\rb",c', ',')).toEqual({ fields: ['a\rb', 'c'] });
    expect(splitFields('a,b\r', ',').problem).toBe('a carriage return that ends no line');
  });

  it('reads quoted, blank and plain fields', () => {
    expect(splitFields('a, "b ""c""" ,,"",d e', ',')).toEqual({ fields: ['a', 'b "c"', null, null, 'd e'] });
  });
});

describe('parseRecord', () => {
  it('accepts one more delimiter at the end, but neither another number of columns nor NUL', () => {
    const problemOf = (text: string) => parseRecord({ line: 1, bytes: Buffer.from(text) }, ',', 2).problem;
    expect(['a,b', 'a,b,', 'a,b,c', 'a,\0'].map(problemOf)).toEqual([
      ...[undefined, undefined, '3 columns instead of 2', 'a NUL character'],
    ]);
  });
});

import { Field, Float32, List, Schema, Table, tableFromArrays, tableToIPC } from 'apache-arrow';
import { describe, expect, it } from 'vitest';
import { fileOf, reasonFor, sampleTable } from './folder.ts';

const file = await fileOf(sampleTable(3));
const footerLength = file.readInt32LE(file.length - 10);

describe('openMessages', () => {
  it.each([0, -1, 3, file.length, 2 ** 31 - 1])('refuses a footer of %d bytes', async (length) => {
    const bytes = Buffer.from(file);
    bytes.writeInt32LE(length, file.length - 10);
    expect(await reasonFor(bytes)).toBe('its footer does not fit into it');
  });

  it('refuses every number in its metadata that does not fit', async () => {
    const footer = file.length - 10 - footerLength;
    const thrown = new Set<string>();
    for (let at = 8; at < file.length - 10; at += at >= 400 && at + 4 < footer ? footer - at : 4) {
      for (const value of [0x7fffffff, -1, 0]) {
        const bytes = Buffer.from(file);
        bytes.writeInt32LE(value, at);
        thrown.add(await reasonFor(bytes));
      }
    }
    for (const reason of [
      'a batch and its columns differ in their number of rows',
      'a buffer does not fit into its batch',
      'a record batch is not where its footer says',
      'a table in its metadata is missing',
      'a vector in its metadata is out of bounds',
      'its footer does not list all of its batches',
    ]) {
      expect(thrown).toContain(reason);
    }
  });

  it('refuses more fields than the limit, and fields nested without end', async () => {
    const columns = Array.from({ length: 65 }, (_, index) => [`c${index}`, Int32Array.of(1)] as const);
    const bytes = tableToIPC(tableFromArrays(Object.fromEntries(columns)), 'file');
    expect(await reasonFor(bytes, 64)).toBe('its schema has more than 64 fields');
    expect(await reasonFor(bytes, 65)).toBe('nothing');
    let field = new Field<Float32 | List>('item', new Float32(), true);
    for (let level = 1; level < 1000; level++) field = new Field('item', new List(field), true);
    const nested = tableToIPC(new Table(new Schema([field])), 'stream');
    expect(await reasonFor(nested, 100)).toBe('its schema has more than 100 fields');
  });
});

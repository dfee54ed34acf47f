import {
  Field,
  Float32,
  List,
  Schema,
  Table,
  tableFromArrays,
  tableToIPC,
  Utf8,
  vectorFromArray,
} from 'apache-arrow';
import { describe, expect, it } from 'vitest';
import { checkArrowBounds, checkSchema } from '../src/check-bounds.ts';
import { FlatBuffer } from '../src/flat-buffer.ts';

const list = new List(new Field('item', new Float32(), true));
const batchOf = (names: string[], values: number[]) =>
  new Table({
    name: vectorFromArray(names, new Utf8()),
    value: vectorFromArray(
      values.map((value) => [value, value]),
      list,
    ),
  }).batches;
const table = new Table([...batchOf(['a', 'b'], [1, 2]), ...batchOf(['c'], [3])]);
const file = Buffer.from(tableToIPC(table, 'file'));
const footerLength = file.readInt32LE(file.length - 10);

/** A changed copy of the file. */
function changed(change: (bytes: Buffer) => void): Uint8Array {
  const bytes = Buffer.from(file);
  change(bytes);
  return bytes;
}

describe('checkArrowBounds', () => {
  it('accepts valid files, also at an offset in a buffer, and one without rows', () => {
    const shifted = Buffer.concat([Buffer.alloc(3), file]).subarray(3);
    const empty = tableToIPC(new Table(table.schema, []), 'file');
    for (const bytes of [file, shifted, empty]) {
      expect(() => checkArrowBounds(bytes)).not.toThrow();
    }
  });

  it('refuses what does not start and end as an Arrow file', () => {
    const text = 'it does not start and end as an Arrow file';
    expect(() => checkArrowBounds(new Uint8Array(0))).toThrow(text);
    expect(() => checkArrowBounds(file.subarray(1))).toThrow(text);
    expect(() => checkArrowBounds(file.subarray(0, -1))).toThrow(text);
  });

  it.each([0, -1, 3, file.length, 2 ** 31 - 1])('refuses a footer of %d bytes', (length) => {
    const bytes = changed((bytes) => bytes.writeInt32LE(length, file.length - 10));
    expect(() => checkArrowBounds(bytes)).toThrow('its footer does not fit into it');
  });

  it('refuses every number in its metadata that does not fit', () => {
    const footer = Array.from({ length: footerLength }, (_, at) => file.length - 10 - footerLength + at);
    const firstBatch = Array.from({ length: 400 }, (_, at) => 8 + at);
    const thrown = new Set<string>();
    for (const at of [...footer, ...firstBatch]) {
      for (const value of [0x7fffffff, 0x00ffffff, -1, 0]) {
        try {
          checkArrowBounds(changed((bytes) => bytes.writeInt32LE(value, at)));
        } catch (error) {
          expect(error).toBeInstanceOf(RangeError);
          thrown.add((error as Error).message);
        }
      }
    }
    expect([...thrown].sort()).toEqual([
      'Offset is outside the bounds of the DataView',
      'a batch has an impossible number of rows',
      'a buffer does not fit into its batch',
      'a column has an impossible number of rows',
      'a record batch is not where its footer says',
      'a table in its metadata is missing',
      'a vector in its metadata is out of bounds',
      'its footer does not fit into it',
      'its record batches do not fit into it',
    ]);
  });

  it('refuses more fields than any of our files has', () => {
    const columns = Array.from({ length: 65 }, (_, index) => [`c${index}`, Int32Array.of(1)] as const);
    const bytes = tableToIPC(tableFromArrays(Object.fromEntries(columns)), 'file');
    expect(() => checkArrowBounds(bytes)).toThrow('its schema has more than 64 fields');
    const fewer = tableToIPC(tableFromArrays(Object.fromEntries(columns.slice(1))), 'file');
    expect(() => checkArrowBounds(fewer)).not.toThrow();
  });
});

/** The metadata of a schema with one column of `depth` nested fields. */
function nested(depth: number): FlatBuffer {
  let field = new Field<Float32 | List>('item', new Float32(), true);
  for (let level = 1; level < depth; level++) field = new Field('item', new List(field), true);
  const bytes = tableToIPC(new Table(new Schema([field])), 'stream');
  return new FlatBuffer(bytes.subarray(8));
}

describe('checkSchema', () => {
  it('refuses fields that are nested deeper than the Arrow library can read', () => {
    const check = (depth: number) => {
      const bytes = nested(depth);
      checkSchema(bytes, bytes.table(bytes.root, 2), 10_000);
    };
    expect(() => check(100)).not.toThrow();
    for (const depth of [101, 1000]) {
      expect(() => check(depth)).toThrow('its schema is nested more than 100 deep');
    }
  });
});

import {
  type Vector as Column,
  Int32,
  makeData,
  Table,
  tableToIPC,
  Utf8,
  Vector,
  vectorFromArray,
} from 'apache-arrow';
import { describe, expect, it } from 'vitest';
import { ModelError } from '../../src/index.ts';
import { itemChunks, readItems } from '../../src/storage/arrow-files.ts';

const fileOf = (id: Column): Uint8Array => tableToIPC(new Table({ id }), 'file');

function refusal(bytes: Uint8Array): string {
  try {
    readItems('items.arrow', bytes);
  } catch (error) {
    if (error instanceof ModelError) return error.message;
    throw error;
  }
  return 'nothing';
}

describe('itemChunks', () => {
  it.each([
    ['no ids', []],
    ['one', ['']],
    ['some', ['a', 'é', '', '😀😀😀', '\uFEFFa', 'long '.repeat(500)]],
    ['many', Array.from({ length: 70_000 }, (_, item) => `item ${item}`)],
  ])('writes the same bytes as Arrow for an array: %s', (_, ids) => {
    const bytes = Buffer.concat([...itemChunks(ids)]);
    expect(bytes.equals(fileOf(vectorFromArray(ids, new Utf8())))).toBe(true);
    expect(readItems('items.arrow', bytes).slice()).toEqual(ids);
  });
});

describe('readItems', () => {
  it('reads ids of several batches, and of other types as texts', () => {
    const batches = ['ab', 'c'].map((letters) => vectorFromArray([...letters], new Utf8()));
    expect([...readItems('', fileOf(batches[0]!.concat(batches[1]!)))]).toEqual(['a', 'b', 'c']);
    expect([...readItems('', fileOf(vectorFromArray([7, 8], new Int32())))]).toEqual(['7', '8']);
    expect([...readItems('', fileOf(vectorFromArray(['x', 'y'])))]).toEqual(['x', 'y']); // a dictionary
  });

  it('refuses ids that are missing, duplicate or not texts', () => {
    const missing = vectorFromArray(['a', null, 'b'], new Utf8());
    expect(refusal(fileOf(missing))).toContain('"id" expected a string in row 2, got none');
    const twice = vectorFromArray(['a', 'b', 'a'], new Utf8());
    expect(refusal(fileOf(twice))).toContain('"id" expected unique ids, got "a" twice');
    expect(refusal(fileOf(vectorFromArray([1, 1], new Int32())))).toContain('got "1" twice');
    const data = makeData({
      type: new Utf8(),
      length: 2,
      nullCount: 0,
      valueOffsets: Int32Array.of(0, 1, 2),
      data: Uint8Array.of(0x61, 0xff),
    });
    expect(refusal(fileOf(new Vector([data])))).toContain('"id" expected UTF-8, got invalid bytes in row 2');
  });
});

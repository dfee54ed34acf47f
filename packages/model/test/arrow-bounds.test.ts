import { tableFromArrays, tableToIPC } from 'apache-arrow';
import { describe, expect, it } from 'vitest';
import { checkArrowBounds } from '../src/arrow-bounds.ts';
import { itemChunks, tensorChunks } from '../src/arrow-files.ts';

const values = Float32Array.of(1, 2, 3, 4, 5, 6);
const tensors = Buffer.concat([
  ...tensorChunks([
    { name: 'a', kind: 'parameter', rows: 2, cols: 3, values },
    { name: 'b', kind: 'parameter', rows: 3, cols: 2, values },
  ]),
]);
const footerLength = tensors.readInt32LE(tensors.length - 10);

/** The file with a number in it changed. */
function changed(change: (bytes: Buffer) => void): Uint8Array {
  const bytes = Buffer.from(tensors);
  change(bytes);
  return bytes;
}

describe('checkArrowBounds', () => {
  it('accepts files of tensors and of items, also at another place of a buffer', () => {
    const shifted = Buffer.concat([Buffer.alloc(3), tensors]).subarray(3);
    for (const bytes of [tensors, shifted, Buffer.concat([...itemChunks(['x', 'y'])])]) {
      expect(() => checkArrowBounds(bytes)).not.toThrow();
    }
    expect(() => checkArrowBounds(Buffer.concat([...tensorChunks([])]))).not.toThrow();
  });

  it('refuses what does not start and end as an Arrow file', () => {
    const text = 'it does not start and end as an Arrow file';
    expect(() => checkArrowBounds(new Uint8Array(0))).toThrow(text);
    expect(() => checkArrowBounds(tensors.subarray(1))).toThrow(text);
    expect(() => checkArrowBounds(tensors.subarray(0, -1))).toThrow(text);
  });

  it.each([0, -1, 3, tensors.length, 2 ** 31 - 1])('refuses a footer of %d bytes', (length) => {
    const bytes = changed((file) => file.writeInt32LE(length, file.length - 10));
    expect(() => checkArrowBounds(bytes)).toThrow('its footer has no room');
  });

  it('refuses every number in its metadata that has no room', () => {
    const footer = Array.from({ length: footerLength }, (_, at) => tensors.length - 10 - footerLength + at);
    const firstBatch = Array.from({ length: 400 }, (_, at) => 8 + at);
    const thrown = new Set<string>();
    for (const at of [...footer, ...firstBatch]) {
      for (const value of [0x7fffffff, 0x00ffffff, -1, 0]) {
        try {
          checkArrowBounds(changed((file) => file.writeInt32LE(value, at)));
        } catch (error) {
          expect(error).toBeInstanceOf(RangeError);
          thrown.add((error as Error).message);
        }
      }
    }
    expect([...thrown].sort()).toEqual([
      'Offset is outside the bounds of the DataView',
      'a buffer has no room',
      'a list in its metadata has no room',
      'a part of its metadata is missing',
      'a record batch is not where its footer says',
      'its footer has no room',
      'its record batches have no room',
      'the rows of a batch have no room',
      'the rows of a column have no room',
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

import { Table, tableToIPC } from 'apache-arrow';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { ArrowError, openArrow } from '../../src/arrow/index.ts';
import { fileIn, fileOf, read, reasonFor, sampleTable } from './folder.ts';

const table = sampleTable();
const rows = table.toArray().map((row) => row.toJSON());
const plain = await fileOf(table);
const lz4 = await fileOf(table, 'lz4');
const zstd = await fileOf(table, 'zstd');
const stream = Buffer.from(tableToIPC(table, 'stream'));
const all: [string, Buffer][] = [
  ['a plain file', plain],
  ['a file in LZ4', lz4],
  ['a file in Zstandard', zstd],
  ['a stream', stream],
];

/** Position of the first compressed buffer's length, which comes before the magic number of its frame. */
const firstLength = (bytes: Buffer, magic: number[]) => bytes.indexOf(Buffer.from(magic)) - 8;
const packed: [string, Buffer, number][] = [
  ['LZ4', lz4, firstLength(lz4, [0x04, 0x22, 0x4d, 0x18])],
  ['Zstandard', zstd, firstLength(zstd, [0x28, 0xb5, 0x2f, 0xfd])],
];

describe('readArrowBatches', () => {
  it.each(all)('reads %s', async (_, bytes) => {
    expect(await read(bytes)).toEqual(rows);
  });

  it('reads no rows from an empty table', async () => {
    expect(await read(await fileOf(sampleTable(0), 'zstd'))).toEqual([]);
  });

  it.each(all)('refuses %s cut short anywhere', async (_, bytes) => {
    for (let size = 0; size < bytes.length; size += size < bytes.length - 20 ? 37 : 1) {
      expect(await reasonFor(bytes.subarray(0, size))).not.toBe('');
    }
  });

  it.each(all)('reads or refuses %s with flipped bits', async (_, bytes) => {
    const flip = fc.tuple(fc.nat({ max: bytes.length - 1 }), fc.nat({ max: 7 }));
    await fc.assert(
      fc.asyncProperty(fc.array(flip, { minLength: 1, maxLength: 3 }), async (flips) => {
        const changed = Buffer.from(bytes);
        for (const [at, bit] of flips) changed[at] ^= 1 << bit;
        const result: unknown = await read(changed).catch((reason: unknown) => reason);
        if (!Array.isArray(result)) expect(result).toBeInstanceOf(ArrowError);
      }),
      { seed: 5, numRuns: 300 },
    );
  });

  it.each(packed)('refuses a wrong length before %s', async (_, bytes, at) => {
    for (const length of [2n ** 40n, -2n, 1500n, 3n]) {
      const changed = Buffer.from(bytes);
      changed.writeBigInt64LE(length, at);
      expect(await reasonFor(changed)).toMatch(
        /^(a compressed buffer is damaged|a buffer does not hold the number of bytes it claims)$/,
      );
    }
  });

  it('refuses bytes after the end of a stream, and a stream without an end', async () => {
    expect(await reasonFor(Buffer.concat([stream, Buffer.alloc(8)]))).toBe('it continues after its end');
    expect(await reasonFor(stream.subarray(0, -8))).toBe('it is cut short');
  });
});

describe('openArrow', () => {
  it.each([undefined, 'lz4', 'zstd'] as const)(
    'reads batches in any order, several at a time (%s)',
    async (compression) => {
      const times = table.select(['item', 'time']);
      const parts = [0, 100, 200].map((from) => times.slice(from, from + 100));
      const whole = new Table(
        times.schema,
        parts.flatMap(({ batches }) => batches),
      );
      const arrow = await openArrow(fileIn(await fileOf(whole, compression)));
      expect(arrow.batches).toBe(3);
      const batches = await Promise.all([2, 0, 1, 2].map((index) => arrow.read(index)));
      const texts = (rows: { toArray(): unknown[] } | undefined) => rows?.toArray().map(String);
      expect(batches.map(texts)).toEqual([2, 0, 1, 2].map((at) => texts(parts[at])));
      await expect(arrow.read(3)).rejects.toThrow('it has no record batch 3');
    },
  );
});

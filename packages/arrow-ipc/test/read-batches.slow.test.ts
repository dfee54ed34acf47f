import { tableToIPC } from 'apache-arrow';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { ArrowError } from '../src/index.ts';
import { fileOf, rowReader, sampleTable } from './folder.ts';

const read = rowReader();
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

async function reasonFor(bytes: Uint8Array, options = {}): Promise<string> {
  const error: unknown = await read(bytes, options).catch((reason: unknown) => reason);
  expect(error).toBeInstanceOf(ArrowError);
  return (error as ArrowError).message;
}

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

  it.each(packed)('allocates no memory for a wrong length before %s', async (_, bytes, at) => {
    const claim = (length: bigint) => {
      const changed = Buffer.from(bytes);
      changed.writeBigInt64LE(length, at);
      return changed;
    };
    expect(await reasonFor(claim(2n ** 40n))).toBe(
      'a buffer claims 1099511627776 bytes, more than 1073741824',
    );
    expect(await reasonFor(claim(-2n))).toContain('a buffer claims -2 bytes');
    expect(await reasonFor(claim(1500n))).toBe('a buffer does not hold the number of bytes it claims');
    expect(await reasonFor(claim(3n))).toContain('it claims');
    const most = { bufferLimits: [0, 1000] };
    expect(await reasonFor(bytes, most)).toBe('a buffer claims 1200 bytes, more than 1000');
    expect(await reasonFor(bytes, { maxBatchBytes: 2500 })).toMatch(
      /^a record batch claims \d+ bytes, more than 2500$/,
    );
  });

  it('refuses an uncompressed batch above the limit', async () => {
    expect(await reasonFor(plain, { maxBatchBytes: 1000 })).toMatch(
      /^a record batch has \d+ bytes, more than 1000$/,
    );
  });

  it('refuses more fields than the limit', async () => {
    expect(await reasonFor(plain, { maxFields: 2 })).toBe('its schema has more than 2 fields');
  });

  it('refuses bytes after the end of a stream, and a stream without an end', async () => {
    expect(await reasonFor(Buffer.concat([stream, Buffer.alloc(8)]))).toBe('it continues after its end');
    expect(await reasonFor(stream.subarray(0, -8))).toBe('it is cut short');
  });
});

import { compressionRegistry } from 'apache-arrow';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { loadDecoder } from '../../src/arrow/codecs.ts';
import { packers } from './folder.ts';

/** Decodes bytes as the Arrow library does: a view of a buffer, in which their length is before them. */
async function decoderOf(type: number): Promise<(packed: Uint8Array, length: number) => Uint8Array> {
  await loadDecoder(type);
  return (packed, length) => {
    const buffer = new Uint8Array(8 + packed.length);
    new DataView(buffer.buffer).setBigInt64(0, BigInt(length), true);
    buffer.set(packed, 8);
    return compressionRegistry.get(type)?.decode?.(buffer.subarray(8)) ?? new Uint8Array();
  };
}

describe.each(Object.entries(packers))('the decoder of %s', (_, { type, pack }) => {
  it('decompresses bytes of every kind', async () => {
    const decode = await decoderOf(type);
    const bytes = fc.oneof(
      fc.uint8Array({ minLength: 1, maxLength: 300 }),
      fc.nat({ max: 9_000_000 }).map((length) => new Uint8Array(length + 1).fill(7)),
    );
    fc.assert(
      fc.property(bytes, (given) => {
        expect(Buffer.compare(decode(pack(given), given.length), given)).toBe(0);
      }),
      { seed: 3, numRuns: 15 },
    );
  });

  it('still works after damaged bytes', async () => {
    const decode = await decoderOf(type);
    const given = Uint8Array.from({ length: 1200 }, (_, index) => index % 7);
    const packed = pack(given);
    for (let at = 0; at < packed.length; at++) {
      for (const bit of [1, 16, 128]) {
        const changed = Uint8Array.from(packed);
        changed[at] ^= bit;
        try {
          decode(changed, given.length);
        } catch (error) {
          expect(error).toBeInstanceOf(RangeError);
        }
      }
    }
    expect(Buffer.compare(decode(packed, given.length), given)).toBe(0);
  });
});

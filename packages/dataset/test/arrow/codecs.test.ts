import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { loadCodec } from '../../src/arrow/codecs.ts';

describe('loadCodec', () => {
  it.each(['lz4', 'zstd'] as const)('compresses and decompresses bytes of every kind by %s', async (name) => {
    const codec = await loadCodec(name);
    const bytes = fc.oneof(
      fc.uint8Array({ minLength: 1, maxLength: 300 }),
      fc.nat({ max: 9_000_000 }).map((length) => new Uint8Array(length + 1).fill(7)),
    );
    fc.assert(
      fc.property(bytes, (given) => {
        const packed = codec.pack(given);
        expect(Buffer.compare(codec.unpack(packed, given.length), given)).toBe(0);
      }),
      { seed: 3, numRuns: 40 },
    );
  });

  it.each(['lz4', 'zstd'] as const)('still works after damaged bytes: %s', async (name) => {
    const codec = await loadCodec(name);
    const given = Uint8Array.from({ length: 1200 }, (_, index) => index % 7);
    const packed = codec.pack(given);
    for (let at = 0; at < packed.length; at++) {
      for (const bit of [1, 16, 128]) {
        const changed = Uint8Array.from(packed);
        changed[at] ^= bit;
        const unpack = () => codec.unpack(changed, given.length);
        expect(() => {
          try {
            unpack();
          } catch (error) {
            if (!(error instanceof Error)) throw new Error('not an Error', { cause: error });
          }
        }).not.toThrow();
      }
    }
    expect(Buffer.compare(codec.pack(given), packed)).toBe(0);
  });
});

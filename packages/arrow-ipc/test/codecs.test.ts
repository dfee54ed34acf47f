import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { loadCodec, maxRatio } from '../src/index.ts';

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
        expect(() => codec.unpack(packed, given.length + 1)).toThrow(RangeError);
        expect(() => codec.unpack(packed, given.length - 1)).toThrow(RangeError);
        expect(() => codec.unpack(packed.subarray(0, -1), given.length)).toThrow(RangeError);
      }),
      { seed: 3, numRuns: 40 },
    );
  });

  it('still works after damaged bytes', async () => {
    for (const name of ['lz4', 'zstd'] as const) {
      const codec = await loadCodec(name);
      const given = Uint8Array.from({ length: 1200 }, (_, index) => index % 7);
      const packed = codec.pack(given);
      for (let at = 0; at < packed.length; at++) {
        for (const bit of [1, 16, 128]) {
          const changed = Uint8Array.from(packed);
          changed[at] ^= bit;
          try {
            expect(codec.unpack(changed, given.length)).toHaveLength(given.length);
          } catch (error) {
            expect(error).toBeInstanceOf(RangeError);
          }
        }
      }
      expect(Buffer.compare(codec.pack(given), packed)).toBe(0);
    }
  });

  it.each([
    ['a Zstandard frame needs a dictionary or too large a window', 'zstd', 4, 0xe8],
    ['a Zstandard frame has no valid header', 'zstd', 0, 0],
    ['an LZ4 frame has no valid header', 'lz4', 4, 0],
    ['an LZ4 frame has no valid header', 'lz4', 5, 0],
  ] as const)('refuses a header: %s', async (text, name, at, value) => {
    const codec = await loadCodec(name);
    const packed = Uint8Array.from(codec.pack(new Uint8Array(5000)));
    packed[at] = value;
    expect(() => codec.unpack(packed, 5000)).toThrow(text);
  });
});

describe('maxRatio', () => {
  it.each(['lz4', 'zstd'] as const)('is at least the ratio that %s reaches on zeros', async (name) => {
    const zeros = new Uint8Array(1 << 24);
    const packed = (await loadCodec(name)).pack(zeros);
    expect(zeros.length / packed.length).toBeLessThanOrEqual(maxRatio(name));
  });
});

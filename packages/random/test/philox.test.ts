import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { philox4x32, philoxFill } from '../src/philox.ts';

function hex(words: Uint32Array): string {
  return Array.from(words, (word) => word.toString(16).padStart(8, '0')).join(' ');
}

const word = fc.nat({ max: 0xffffffff });

describe('philox4x32', () => {
  // Known answers: Random123, tests/kat_vectors, philox4x32 with 10 rounds.
  it.each([
    ['zeros', [0, 0], [0, 0, 0, 0], '6627e8d5 e169c58d bc57ac4c 9b00dbd8'],
    [
      'ones',
      [0xffffffff, 0xffffffff],
      [0xffffffff, 0xffffffff, 0xffffffff, 0xffffffff],
      '408f276d 41c83b0e a20bc7c6 6d5451fd',
    ],
    [
      'digits of pi',
      [0xa4093822, 0x299f31d0],
      [0x243f6a88, 0x85a308d3, 0x13198a2e, 0x03707344],
      'd16cfe09 94fdcceb 5001e420 24126ea1',
    ],
  ])('gives the published block of %s', (_name, key, counter, expected) => {
    const out = new Uint32Array(4);
    philox4x32(key[0], key[1], counter[0], counter[1], counter[2], counter[3], out, 0);
    expect(hex(out)).toBe(expected);
  });

  it('writes four words at the offset and no others', () => {
    const out = new Uint32Array(7).fill(9);
    philox4x32(0, 0, 0, 0, 0, 0, out, 2);
    expect(hex(out)).toBe('00000009 00000009 6627e8d5 e169c58d bc57ac4c 9b00dbd8 00000009');
  });

  it('treats the signed and the unsigned form of a word alike', () => {
    fc.assert(
      fc.property(word, word, word, (key, c0, c3) => {
        const unsigned = new Uint32Array(4);
        const signed = new Uint32Array(4);
        philox4x32(key, key, c0, 1, 2, c3, unsigned, 0);
        philox4x32(key | 0, key | 0, c0 | 0, 1, 2, c3 | 0, signed, 0);
        expect(signed).toEqual(unsigned);
      }),
      { seed: 1 },
    );
  });
});

describe('philoxFill', () => {
  it('equals single blocks under successive counters, for every length', () => {
    fc.assert(
      fc.property(word, word, word, fc.nat({ max: 21 }), (key, c0, c2, length) => {
        const filled = new Uint32Array(length);
        philoxFill(key, 7, c0, 3, c2, 5, filled);
        const blocks = new Uint32Array(24);
        for (let block = 0; block < 6; block++) {
          const low = c0 + block;
          philox4x32(key, 7, low % 2 ** 32, 3 + Math.floor(low / 2 ** 32), c2, 5, blocks, 4 * block);
        }
        expect(filled).toEqual(blocks.slice(0, length));
      }),
      { seed: 2 },
    );
  });

  it('carries from counter word 0 into word 1 but not into word 2', () => {
    const filled = new Uint32Array(8);
    philoxFill(1, 2, 0xffffffff, 0xffffffff, 5, 6, filled);
    const second = new Uint32Array(4);
    philox4x32(1, 2, 0, 0, 5, 6, second, 0);
    expect(filled.slice(4)).toEqual(second);
  });
});

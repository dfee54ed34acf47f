import { philox4x32 } from '@gru4rec/random';
import { describe, expect, it } from 'vitest';
import { indices, runOp } from '../run-op.ts';

describe('constant', () => {
  it('fills its shape', () => {
    expect(runOp((b) => b.constant(0.1, 2, 3))).toEqual([
      [0.1, 0.1, 0.1],
      [0.1, 0.1, 0.1],
    ]);
  });
});

describe('dropout-mask', () => {
  // Key 0, counter 0 (Random123's known answers): 0x6627e8d5 0xe169c58d 0xbc57ac4c 0x9b00dbd8,
  // as shares of 2³²: 0.40, 0.88, 0.74, 0.61.
  const zero = indices(0, 0, 0, 0);

  it('keeps an element when its Philox word is at least p · 2³², scaled by 1 / (1 − p)', () => {
    const mask = (p: number): number[][] =>
      runOp((b, v) => b.dropoutMask(v, { rows: 2, cols: 2 }, p, 0), zero);
    expect(mask(0)).toEqual([
      [1, 1],
      [1, 1],
    ]);
    expect(mask(0.5)).toEqual([
      [0, 2],
      [2, 2],
    ]);
    expect(mask(0.75)).toEqual([
      [0, 4],
      [0, 0],
    ]);
  });

  it('keeps a word that equals the threshold', () => {
    const mask = (p: number): number[][] =>
      runOp((b, v) => b.dropoutMask(v, { rows: 1, cols: 1 }, p, 0), zero);
    expect(mask(0x6627e8d5 / 2 ** 32)).toEqual([[1 / (1 - 0x6627e8d5 / 2 ** 32)]]);
    expect(mask(0x6627e8d6 / 2 ** 32)).toEqual([[0]]);
  });

  it('counts elements in row-major order, with step and stream in the upper words', () => {
    const words = new Uint32Array(8);
    for (const block of [0, 1]) {
      philox4x32(0x89abcdef, 0xfedcba98, block, 0, 0xfffffffd, 3 * 2 ** 16 + 7, words, 4 * block);
    }
    const counter = indices(0x89abcdef | 0, 0xfedcba98 | 0, -3, 7);
    const mask = runOp((b, v) => b.dropoutMask(v, { rows: 2, cols: 3 }, 0.5, 3), counter);
    expect(mask.flat()).toEqual(Array.from(words.subarray(0, 6), (word) => (word >= 2 ** 31 ? 2 : 0)));
  });
});

import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { formatValue, givenEntries, listWords, oneLine, wrapLine } from '../src/text.ts';

describe('oneLine', () => {
  it('takes away what could steer a terminal or break a line', () => {
    expect(oneLine(' a\n\tb\u001b[31mred\u0007\u202e ')).toBe('a b [31mred');
  });
});

describe('wrapLine', () => {
  it('keeps every word, and lines within the width unless a word is longer', () => {
    const word = fc.stringMatching(/^[a-z]{1,30}$/);
    fc.assert(
      fc.property(fc.array(word, { minLength: 1 }), fc.integer({ min: 20, max: 60 }), (words, columns) => {
        const lines = wrapLine(words.join(' '), columns).split('\n');
        expect(lines.flatMap((line) => line.split(' '))).toEqual(words);
        expect(lines.every((line) => line.length <= columns || !line.includes(' '))).toBe(true);
      }),
      { seed: 1 },
    );
  });
});

describe('listWords', () => {
  it('joins with commas and a last "and"', () => {
    expect([[], ['A'], ['A', 'B'], ['A', 'B', 'C']].map(listWords)).toEqual([
      '',
      'A',
      'A and B',
      'A, B and C',
    ]);
  });
});

describe('givenEntries', () => {
  it('leaves out what was not given', () => {
    expect(givenEntries({ a: 0, b: undefined, c: null })).toEqual([
      ['a', 0],
      ['c', null],
    ]);
  });
});

describe('formatValue', () => {
  it('writes text as it is and everything else as JSON', () => {
    expect(['a', 1, true, [100, 50], { k: 'v' }, null, undefined].map(formatValue)).toEqual([
      'a',
      '1',
      'true',
      '[100,50]',
      '{"k":"v"}',
      'null',
      'undefined',
    ]);
  });
});

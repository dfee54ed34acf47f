import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  describeOptions,
  formatOrigin,
  lettersOf,
  listWords,
  nameLabels,
  oneLine,
  piecesOf,
  wrapLine,
} from '../src/text.ts';

it('oneLine removes control characters and line breaks', () => {
  expect(oneLine(' a\n\tb\u001b[31mred\u0007\u202e ')).toBe('a b [31mred');
});

it('wrapLine keeps every word, and lines within the width unless a word is longer', () => {
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

it('listWords joins with commas and a last "and"', () => {
  expect([[], ['A'], ['A', 'B']].map(listWords)).toEqual(['', 'A', 'A and B']);
  expect(listWords(['A', 'B', 'C'])).toBe('A, B and C');
});

it('piecesOf lets lines end after blanks and signs, and before brackets', () => {
  expect(piecesOf('V-SKNN (decay=none,idfWeight=1) + x')).toEqual([
    ...['V-', 'SKNN ', '(decay=none,', 'idfWeight=1) ', '+', ' ', 'x'],
  ]);
});

describe('describeOptions', () => {
  it('formats options for readers, without undefined ones', () => {
    const options = { a: 'x', b: 1, c: true, d: [100, 50], e: { f: { g: 2 } }, h: null, i: undefined, j: [] };
    expect(describeOptions(options)).toBe(
      'a = x, b = 1, c = true, d = 100, 50, e.f.g = 2, h = null, j = none',
    );
    expect(describeOptions({})).toBe('none');
  });
});

it('formatOrigin groups the digits of counts and keeps all else', () => {
  expect([9874, 0.5, 'sha 9874', false].map(formatOrigin)).toEqual(['9,874', '0.5', 'sha 9874', 'false']);
});

describe('nameLabels', () => {
  it('keeps names that fit, with lines that end where a name may break', () => {
    const names = ['STAN', 'V-SKNN (decay=quadratic,idfWeight=2)'];
    expect(nameLabels(names, { letters: 28, lines: 2 })).toEqual([
      'STAN',
      'V-SKNN (decay=quadratic,\nidfWeight=2)',
    ]);
  });

  it('truncates in the middle, so that names with the same start differ', () => {
    const names = ['GRU4Rec demo-tuned-for-recall', 'GRU4Rec demo-tuned-for-mrr'];
    expect(nameLabels(names, { letters: 14, lines: 1 })).toEqual(['GRU4Re…ecall', 'GRU4Re…r-mrr']);
  });

  it('moves the truncation if names have the same start and end', () => {
    const names = ['model-a-trained-on-everything', 'model-b-trained-on-everything'];
    const labels = nameLabels(names, { letters: 12, lines: 1 });
    expect(new Set(labels).size).toBe(2);
    const middles = ['a', 'b'].map((letter) => `${'x'.repeat(30)}${letter}${'y'.repeat(30)}`);
    expect(nameLabels(middles, { letters: 10, lines: 1 })).toEqual(['1. xxxx…yy', '2. xxxx…yy']);
  });

  it('gives different names different labels that fit', () => {
    const names = fc.uniqueArray(fc.stringMatching(/^[a-z ,=-]{0,3}x[A-Za-z ,=-]{0,60}z$/), {
      minLength: 1,
      maxLength: 6,
      selector: (name) => name.replace(/\s+/g, ' '),
    });
    const room = fc.record({
      letters: fc.integer({ min: 12, max: 40 }),
      lines: fc.integer({ min: 1, max: 3 }),
    });
    fc.assert(
      fc.property(names, room, (drawn, { letters, lines }) => {
        const labels = nameLabels(drawn, { letters, lines });
        expect(new Set(labels).size).toBe(drawn.length);
        for (const label of labels) {
          expect(label.split('\n').length).toBeLessThanOrEqual(lines);
          expect(Math.max(...label.split('\n').map(lettersOf))).toBeLessThanOrEqual(letters);
        }
      }),
      { seed: 1 },
    );
  });

  it('truncates a name of a million letters quickly', () => {
    const [label] = nameLabels(['a'.repeat(1_000_000)], { letters: 12, lines: 1 });
    expect(label).toBe('aaaaaa…aaaaa');
  });
});

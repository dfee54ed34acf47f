import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { printable, printableLines, printableStart } from '../../src/terminal/printable.ts';

describe('printable', () => {
  it.each([
    ['\u001b]0;title\u0007', '\\x1b]0;title\\x07'],
    ['a\r\n\tb', 'a\\x0d\\x0a\\x09b'],
    ['\u007f\u0085\u009b2J', '\\x7f\\x85\\x9b2J'],
    ['\u202e\u2066\u200e\u200f\u061c\u2028', '\\u{202e}\\u{2066}\\u{200e}\\u{200f}\\u{61c}\\u{2028}'],
    ['\ud800x\udfff', '\\u{d800}x\\u{dfff}'],
    ['Łódź 東京 👩‍🚀 \\x1b', 'Łódź 東京 👩‍🚀 \\x1b'],
  ])('writes %j as %s', (text, shown) => {
    expect(printable(text)).toBe(shown);
  });

  it('leaves no control character in any text, and is idempotent', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (text) => {
        const shown = printable(text);
        expect(shown).not.toMatch(/[\p{Cc}\p{Cs}\u202a-\u202e\u2066-\u2069]/u);
        expect(printable(shown)).toBe(shown);
        expect(
          printableLines(text)
            .split('\n')
            .map((line) => line.split('\t').map(printable).join('\t'))
            .join('\n'),
        ).toBe(printableLines(text));
      }),
    );
  });
});

describe('printableLines', () => {
  it('keeps line ends and tabs', () => {
    expect(printableLines('a\tb\n\u001bc\r\n')).toBe('a\tb\n\\x1bc\\x0d\n');
  });
});

describe('printableStart', () => {
  it('cuts between characters', () => {
    expect(printableStart('🧦'.repeat(61), 60)).toBe(`${'🧦'.repeat(59)}…`);
  });
});

import { describe, expect, it } from 'vitest';
import { figure, formatTable, percent, whole } from '../src/figures.ts';

describe('formatTable', () => {
  it('aligns columns, in Markdown', () => {
    expect(
      formatTable([
        ['what', 'n'],
        ['a', '10'],
        ['b', '5'],
      ]),
    ).toBe('| what | n   |\n| ---- | --- |\n| a    | 10  |\n| b    | 5   |');
  });
});

describe('figures', () => {
  it('are short and readable', () => {
    const texts = [0.12345, 12.345, 1234.5, 1.25e6].map(figure);
    expect(texts).toEqual(['0.123', '12.3', '1,235', '1.3M']);
    expect([whole(1234.4), percent(0.1234)]).toEqual(['1,234', '12.3 %']);
  });
});

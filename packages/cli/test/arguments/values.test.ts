import { UsageError } from '@gru4rec/checks';
import { describe, expect, it } from 'vitest';
import { itemIds } from '../../src/arguments/values.ts';

describe('itemIds', () => {
  const read = (text: string) => itemIds(text, '--session');

  it('reads ids separated by commas', () => {
    expect(read('1, 2,x y')).toEqual(['1', '2', 'x y']);
  });

  it('reads whole numbers in a JSON array digit by digit', () => {
    const ids = ['214536502', 'a', '1', '9007199254740991'];
    expect(read('[214536502, "a", 1.0, 9007199254740991]')).toEqual(ids);
    expect(() => read('[9007199254740993]')).toThrow('whole numbers');
  });

  it('reads a JSON array, for ids that contain a comma', () => {
    expect(read('["a,b", "[c", " d"]')).toEqual(['a,b', '[c', ' d']);
  });

  const wrong: readonly [text: string, message: string][] = [
    ['1,,2', '--session expected item ids separated by commas, got an empty one'],
    ['["a",""]', '--session expected item ids separated by commas, got an empty one'],
    ['[1.5]', '--session expected a JSON array of one or more ids, texts or whole numbers, got "[1.5]"'],
    ['[]', '--session expected a JSON array of one or more ids, texts or whole numbers, got "[]"'],
    ['[a,b', '--session begins with [ and expected a JSON array of ids, got "[a,b"'],
  ];

  it.each(wrong)('refuses %j', (text, message) => {
    expect(() => read(text)).toThrow(new UsageError(message));
  });
});

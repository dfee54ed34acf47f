import { describe, expect, it } from 'vitest';
import { didYouMean, show, showNames } from '../src/index.ts';

describe('show', () => {
  it.each([
    [undefined, 'nothing'],
    [Number.NaN, 'NaN'],
    [10n, '10'],
    ['a\nb', '"a\\nb"'],
    [[1, 'a'], '[1,"a"]'],
    [{ a: 1 }, '{"a":1}'],
    [new Int32Array(1e6), 'Int32Array'],
    [() => 1, 'a function'],
    ['x'.repeat(1e7), `"${'x'.repeat(99)}…`],
    [JSON.parse(`${'['.repeat(1e5)}${']'.repeat(1e5)}`), 'a value nested too deeply'],
  ])('writes %# of the table', (value, text) => {
    expect(show(value)).toBe(text);
  });
});

describe('showNames', () => {
  it('lists 20 names, cut to 100 characters, and counts the others', () => {
    expect(showNames(['a', 'x'.repeat(101)])).toBe(`a, ${'x'.repeat(100)}…`);
    const names = Array.from({ length: 1000 }, (_, at) => `c${at}`);
    expect(showNames(names.slice(0, 20))).toBe(names.slice(0, 20).join(', '));
    expect(showNames(names)).toBe(`${names.slice(0, 20).join(', ')}, and 980 more`);
  });
});

describe('didYouMean', () => {
  const known = ['train', 'tune', 'evaluate', 'learningRate', 'temperature'];

  it.each([
    [['trian'], 'Did you mean train? '],
    [['evalute', 'tuen'], 'Did you mean evaluate, tune? '],
    [['learning_rate'], 'Did you mean learningRate? '],
    [['itemFeatures'], ''],
    [['x'], ''],
    [[''], ''],
  ])('answers %j with %j', (given, question) => {
    expect(didYouMean(given, known)).toBe(question);
  });

  it('spells a name as the user must type it', () => {
    expect(didYouMean(['trian'], known, (name) => `--${name}`)).toBe('Did you mean --train? ');
  });

  it('suggests nothing if there are no names', () => {
    expect(didYouMean(['a'], [])).toBe('');
  });
});

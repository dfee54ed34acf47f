import { baselineNames } from '@gru4rec/baselines';
import { describe, expect, it } from 'vitest';
import { contenderForms, needsSeed, parseContenders } from '../src/contenders/contender.ts';

const first = (text: string) => parseContenders([text])[0];

describe('parseContenders', () => {
  it('accepts options as key=value and as JSON', () => {
    const options = { neighbours: 200, similarity: 'jaccard' };
    expect(first('s-knn:neighbours=200,similarity=jaccard')).toMatchObject({ options });
    expect(first('s-knn:{"neighbours":200,"similarity":"jaccard"}')).toMatchObject({ options });
    expect(first('sr:pruning=Infinity,repeats=false')).toMatchObject({
      options: { pruning: Number.POSITIVE_INFINITY, repeats: false },
    });
  });

  it('parses all baselines in one command', () => {
    const found = parseContenders(['baselines', 'mine.json']);
    expect(found.map(({ text }) => text)).toEqual([...baselineNames, 'mine.json']);
  });

  it('parses the name of a preset, as train --config does', () => {
    expect(parseContenders(['fast'], () => true)).toMatchObject([
      { kind: 'model', text: 'fast', file: 'fast' },
    ]);
  });

  it.each([
    ['gru', `--models expected ${contenderForms}, got "gru"`],
    ['s-knn:neighbours', '--models expected options as key=value,key=value, got "s-knn:neighbours"'],
    ['s-knn:{"neighbours"', '--models expected options as JSON, got "s-knn:{\\"neighbours\\""'],
  ])('refuses %s', (text, message) => {
    expect(() => parseContenders([text])).toThrow(message);
  });

  it('refuses a duplicate contender', () => {
    expect(() => parseContenders(['baselines', 'pop'])).toThrow(
      '--models expected each contender once, got pop twice',
    );
  });
});

describe('needsSeed', () => {
  it.each([
    ['pop', false],
    ['bpr-mf', true],
    ['mine.json', true],
  ])('says whether %s is fitted again per seed', (text, expected) => {
    const contender = first(text);
    expect(contender && needsSeed(contender)).toBe(expected);
  });
});

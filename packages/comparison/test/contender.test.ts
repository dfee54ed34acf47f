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
    expect(parseContenders(['fast', 'mix:best+sr'], () => true)).toMatchObject([
      { kind: 'model', text: 'fast', file: 'fast' },
      { kind: 'mix', parts: [{ kind: 'model', file: 'best' }, { kind: 'baseline' }] },
    ]);
  });

  it('parses a mix with a given or a tuned weight', () => {
    const parts = [
      { kind: 'model', text: 'mine.json', file: 'mine.json' },
      { kind: 'baseline', text: 'v-sknn:neighbours=50', name: 'v-sknn', options: { neighbours: 50 } },
    ];
    const tuned = 'mix:mine.json+v-sknn:neighbours=50';
    expect(first(tuned)).toEqual({ kind: 'mix', text: tuned, parts, weight: undefined });
    const given = 'mix:0.7:mine.json+v-sknn:neighbours=50';
    expect(first(given)).toEqual({ kind: 'mix', text: given, parts, weight: 0.7 });
  });

  it.each([
    ['gru', `--models expected ${contenderForms}, got "gru"`],
    ['s-knn:neighbours', '--models expected options as key=value,key=value, got "s-knn:neighbours"'],
    ['s-knn:{"neighbours"', '--models expected options as JSON, got "s-knn:{\\"neighbours\\""'],
    ['mix:pop+sr+ar', '--models expected mix:A+B or mix:WEIGHT:A+B, got "mix:pop+sr+ar"'],
    ['mix:1.5:pop+sr', '--models expected a weight from 0 to 1, got 1.5 in "mix:1.5:pop+sr"'],
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
    ['mix:pop+sr', false],
    ['mix:pop+mine.json', true],
  ])('says whether %s is fitted again per seed', (text, expected) => {
    const contender = first(text);
    expect(contender && needsSeed(contender)).toBe(expected);
  });
});

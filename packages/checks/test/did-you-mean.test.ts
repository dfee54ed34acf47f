import { describe, expect, it } from 'vitest';
import { didYouMean } from '../src/index.ts';

describe('didYouMean', () => {
  const known = ['train', 'tune', 'evaluate', 'learningRate', 'temperature'];

  it.each([
    [['trian'], 'Did you mean train? '],
    [['evalute', 'tuen'], 'Did you mean evaluate, tune? '],
    [['learning_rate'], 'Did you mean learningRate? '],
    [['learningrat'], 'Did you mean learningRate? '],
    [['itemFeatures'], ''],
    [['x'], ''],
    [['recommendations'], ''],
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

import { describe, expect, it } from 'vitest';
import { ConfigError, configDefaults, configKeys, parseConfig, stepConfig } from '../src/config.ts';

describe('parseConfig', () => {
  it('gives absent keys their defaults', () => {
    expect(parseConfig({ layers: [50, 20] })).toEqual({ ...configDefaults, layers: [50, 20] });
  });

  it('keeps every value of every option', () => {
    for (const values of [
      { loss: 'bpr-max' },
      { loss: 'cross-entropy' },
      { gru: 'reset-after' },
      { gru: 'reset-before' },
      { constrainedEmbedding: false, embedding: 'layersize' },
      { constrainedEmbedding: false, embedding: 30 },
      { sessionOrder: 'shuffled' },
      { sessionOrder: 'stored' },
      { finalAct: 'elu-0.5', hiddenAct: 'relu' },
      { nSample: 0, smoothing: 0.1, logq: 1, bpreg: 1.95 },
      { dropoutPEmbed: 0.5, dropoutPHidden: 0.2, momentum: 0.4, learningRate: 0.2 },
    ]) {
      expect(parseConfig(values)).toMatchObject(values);
    }
  });

  it.each([
    [{ loss: 'xe' }, '"loss" expected one of cross-entropy, bpr-max, got "xe"'],
    [{ layers: [] }, '"layers" expected a list of positive integers, such as [100], got []'],
    [{ layers: [1.5] }, '"layers" expected a list of positive integers, such as [100], got [1.5]'],
    [{ gru: 'after' }, '"gru" expected one of reset-before, reset-after, got "after"'],
    [{ embedding: 'wide' }, '"embedding" expected 0 (one-hot), a positive integer'],
    [{ constrainedEmbedding: 'yes' }, '"constrainedEmbedding" expected true or false, got "yes"'],
    [{ batchSize: 0 }, '"batchSize" expected a positive integer, got 0'],
    [{ nSample: -1 }, '"nSample" expected an integer ≥ 0, got -1'],
    [{ sampleAlpha: 1.5 }, '"sampleAlpha" expected a number from 0 to 1, got 1.5'],
    [{ finalAct: 'elu' }, '"finalAct" expected one of linear, relu, tanh'],
    [{ hiddenAct: 'softmax' }, '"hiddenAct" expected one of linear, relu, tanh'],
    [{ dropoutPHidden: 1 }, '"dropoutPHidden" expected a number ≥ 0 and < 1, got 1'],
    [{ learningRate: 0 }, '"learningRate" expected a number > 0, got 0'],
    [{ momentum: 1 }, '"momentum" expected a number ≥ 0 and < 1, got 1'],
    [{ smoothing: -0.1 }, '"smoothing" expected a number ≥ 0 and < 1, got -0.1'],
    [{ nEpochs: 0.5 }, '"nEpochs" expected a positive integer, got 0.5'],
    [{ seed: -1 }, '"seed" expected an integer from 0 to 2^53 − 1, got -1'],
    [{ sessionOrder: 'random' }, '"sessionOrder" expected one of time, stored, shuffled, got "random"'],
  ])('refuses %j', (value, text) => {
    expect(() => parseConfig(value)).toThrow(ConfigError);
    expect(() => parseConfig(value)).toThrow(`configuration: ${text}`);
  });

  it('names all keys when one is unknown', () => {
    expect(() => parseConfig({ layer: [1] })).toThrow(
      `configuration: unknown key "layer"; the keys are ${configKeys.join(', ')}`,
    );
  });

  it('reports every wrong key in one line', () => {
    expect(() => parseConfig({ loss: 1, seed: 'x' })).toThrow(/"loss" expected .*; "seed" expected/);
  });

  it('refuses what is not an object', () => {
    expect(() => parseConfig([1])).toThrow('configuration: expected an object with hyper-parameters');
  });

  it('refuses a single slot without samples', () => {
    expect(() => parseConfig({ batchSize: 1, nSample: 0 })).toThrow(
      'configuration: "nSample" expected a positive integer with batchSize 1, got 0',
    );
  });

  it('refuses an input table beside a constrained embedding', () => {
    expect(() => parseConfig({ embedding: 10 })).toThrow(
      '"embedding" expected 0 with constrainedEmbedding, got 10',
    );
  });
});

describe('stepConfig', () => {
  it('reads "layersize" as the first layer\'s width', () => {
    const config = parseConfig({ constrainedEmbedding: false, embedding: 'layersize', layers: [30, 20] });
    expect(stepConfig(config).embedding).toBe(30);
  });
});

import { metrics } from '@gru4rec/metrics';
import { optimizers } from '@gru4rec/program';
import { describe, expect, it } from 'vitest';
import { cells } from '../src/cells/registry.ts';
import { ConfigError, configDefaults, configKeys, isEmptyConfig, parseConfig } from '../src/config.ts';
import { losses } from '../src/losses/registry.ts';
import { presets } from '../src/model-config.ts';
import { embeddingWidth } from '../src/programs/forward.ts';

const names = (registry: object): string => Object.keys(registry).join(', ');

const activationTexts = ['linear', 'relu', 'tanh', 'sigmoid', 'leaky-0.2', 'elu-0.5', 'selu-1.05-1.67'];

describe('parseConfig', () => {
  it('gives missing keys their defaults', () => {
    expect(parseConfig({ layers: [50, 20] })).toEqual({ ...configDefaults, layers: [50, 20] });
  });

  it.each(['best', 'fast'] as const)(
    'gives missing keys the values of the preset %s, if it is named',
    (preset) => {
      const complete = { ...configDefaults, ...presets[preset] };
      expect(parseConfig({ preset })).toEqual(complete);
      expect(parseConfig({ preset, layers: [50], seed: undefined })).toEqual({ ...complete, layers: [50] });
      expect(parseConfig({ layers: [50], preset: undefined })).toEqual({ ...configDefaults, layers: [50] });
      const itemFeatures = ['brand'];
      expect(parseConfig({ preset, itemFeatures }).momentum).toBe(0);
      expect(parseConfig({ preset, itemFeatures }).parts).toContain('similar-attributes');
      expect(parseConfig({ preset, itemFeatures, momentum: 0.1 }).momentum).toBe(0.1);
      expect(parseConfig({ preset, itemFeatures: [] })).toEqual(complete);
      expect(complete).toMatchObject({
        parts: ['network', 'repeats', 'co-occurrences'],
        holdOut: 0.02,
        patience: 2,
      });
    },
  );

  it('refuses another preset with the names of all', () => {
    for (const preset of ['quick', 'toString', 1]) {
      const expected = `configuration: "preset" expected one of best, fast, got ${JSON.stringify(preset)}`;
      expect(() => parseConfig({ preset })).toThrow(new ConfigError(expected));
    }
  });

  it('keeps every value of every option', () => {
    for (const values of [
      ...Object.keys(losses).map((loss) => ({ loss })),
      ...Object.keys(cells).map((cell) => ({ cell })),
      ...['reset-after', 'reset-before'].map((gru) => ({ gru })),
      { constrainedEmbedding: false, embedding: 'layersize' },
      { constrainedEmbedding: false, embedding: 30 },
      ...['time', 'stored', 'shuffled'].map((sessionOrder) => ({ sessionOrder })),
      ...['', '0a'.repeat(32)].map((tunedOn) => ({ tunedOn })),
      ...activationTexts.map((finalAct) => ({ loss: 'bpr-max', finalAct, hiddenAct: finalAct })),
      { nSample: 0, smoothing: 0.1, logq: 1, bpreg: 1.95, sampleAlpha: 0 },
      { nSample: 'all', batchSize: 1 },
      { dropoutPEmbed: 0.5, dropoutPHidden: 0.2, momentum: 0.4, learningRate: 0.2 },
      ...Object.keys(optimizers).map((optimizer) => ({ optimizer })),
      { optimizer: 'adam', beta1: 0.8, beta2: 0.99 },
      { optimizer: 'rmsprop', decay: 0.5, momentum: 0.5 },
      { lmbd: 0.01, gradCap: 2, warmupSteps: 100, learningRateDecay: 'linear' },
      { sigma: 0.1, initAsNormal: true, resetAfterSession: false },
      ...Object.keys(metrics).map((validationMetric) => ({ validationMetric, patience: 3 })),
      { nEpochs: 1, seed: 0 },
      { averageDecay: 0.7 },
      { hardNegatives: 64, temperature: 0.5 },
      { hardNegatives: 2, nSample: 0, batchSize: 4 },
    ]) {
      expect(parseConfig(values)).toMatchObject(values);
    }
  });

  it.each<[given: unknown, text: string]>([
    [{ loss: 'xe' }, `"loss" expected one of ${names(losses)}, got "xe"`],
    [{ nSample: 'every' }, '"nSample" expected a positive integer (sampled items), 0 (only the targets'],
    [{ warmupSteps: 1.5 }, '"warmupSteps" expected an integer ≥ 0, got 1.5'],
    [{ decay: 1 }, '"decay" expected a number ≥ 0 and < 1, got 1'],
    [{ initAsNormal: 1 }, '"initAsNormal" expected true or false, got 1'],
    [{ layers: [1.5] }, '"layers" expected a list of positive integers, such as [100], got [1.5]'],
    [{ finalAct: 'elu' }, '"finalAct" expected one of linear, relu, tanh'],
    [{ tunedOn: 'yes' }, '"tunedOn" expected the SHA-256 of a file of sessions in hexadecimal digits, or'],
    [{ layer: [1] }, `unknown key "layer"; the keys are ${configKeys.join(', ')}`],
    [[1], 'expected an object with hyper-parameters'],
    [{ batchSize: 1, nSample: 0 }, '"nSample" expected a positive integer or "all" with batchSize 1, got 0'],
    [{ embedding: 10 }, '"embedding" expected 0 with constrainedEmbedding, got 10'],
    [{ loss: 'bpr-max', logq: 1 }, '"logq" expected 0 with loss bpr-max, got 1'],
    [{ finalAct: 'tanh' }, '"finalAct" expected linear with loss cross-entropy, got "tanh"'],
    [{ loss: 'bpr', temperature: 0.5 }, '"temperature" expected 1 with loss bpr, got 0.5'],
    [
      { nSample: 8, batchSize: 4, hardNegatives: 11 },
      '"hardNegatives" expected less than nSample + batchSize − 1, or 0, got 11',
    ],
    [{ smoothing: 0.1, hardNegatives: 9 }, '"smoothing" expected 0 with hardNegatives, got 0.1'],
    [{ optimizer: 'adam', momentum: 0.1 }, '"momentum" expected 0 with optimizer adam, got 0.1'],
  ])('refuses %j', (given, text) => {
    expect(() => parseConfig(given)).toThrow(ConfigError);
    expect(() => parseConfig(given)).toThrow(`configuration: ${text}`);
  });

  it('reports every wrong key in one line', () => {
    expect(() => parseConfig({ loss: 1, seed: 'x' })).toThrow(/"loss" expected .*; "seed" expected/);
  });
});

describe('isEmptyConfig', () => {
  it('ignores keys that are undefined', () => {
    const written = [{}, { seed: undefined }, { $schema: 'x' }, { seed: 1 }, []];
    expect(written.map(isEmptyConfig)).toEqual([true, true, true, false, false]);
  });
});

describe('embeddingWidth', () => {
  it('reads "layersize" as the first layer\'s width', () => {
    const config = parseConfig({ constrainedEmbedding: false, embedding: 'layersize', layers: [30, 20] });
    expect(embeddingWidth(config)).toBe(30);
    expect(embeddingWidth({ ...config, embedding: 7 })).toBe(7);
  });
});

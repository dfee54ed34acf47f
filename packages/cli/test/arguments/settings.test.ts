import { configDefaults } from '@gru4rec/model';
import { describe, expect, it } from 'vitest';
import { changedSettings, parseSettings, shownSettings } from '../../src/arguments/settings.ts';

describe('parseSettings', () => {
  it.each([
    ['layers=100,50', { layers: [100, 50] }],
    ['layers=[64,32]', { layers: [64, 32] }],
    ['layers=64', { layers: [64] }],
    ['learningRate=5e-2', { learningRate: 0.05 }],
    ['constrainedEmbedding=false', { constrainedEmbedding: false }],
    ['finalAct=elu-0.5', { finalAct: 'elu-0.5' }],
    ['embedding=64', { embedding: 64 }],
    ['embedding=layersize', { embedding: 'layersize' }],
    ['coldItemOffset=-1.5', { coldItemOffset: -1.5 }],
    ['coldItemOffset=auto', { coldItemOffset: 'auto' }],
    ['batchSize=', { batchSize: '' }],
    ['logq=0x1', { logq: '0x1' }],
    ['constrainedEmbedding=yes', { constrainedEmbedding: 'yes' }],
    ['toString=1', { toString: '1' }],
    ['loss=a=b', { loss: 'a=b' }],
  ])('takes %s for a value of the type that the key has, else for a text', (text, settings) => {
    expect(parseSettings([text])).toEqual(settings);
  });

  it.each(['layers', '=1', ''])('refuses %j', (text) => {
    expect(() => parseSettings([text])).toThrow(`--set expected key=value, got ${JSON.stringify(text)}`);
  });
});

describe('shownSettings', () => {
  it('shows the main settings even with their defaults, and all others that differ', () => {
    const config = { ...configDefaults, momentum: 0.3, layers: [50, 20] };
    expect(changedSettings(config)).toEqual({ momentum: 0.3, layers: [50, 20] });
    expect(Object.entries(shownSettings(config)).map(([key, value]) => `${key} ${value}`)).toEqual([
      ...['loss cross-entropy', 'cell gru', 'layers 50,20', 'batchSize 32', 'nSample 2048'],
      ...['optimizer adagrad', 'learningRate 0.05', 'nEpochs 10', 'seed 42', 'momentum 0.3'],
    ]);
  });
});

import { configDefaults } from '@gru4rec/model';
import { describe, expect, it } from 'vitest';
import { changedSettings, parseSettings, shownSettings } from '../../src/arguments/settings.ts';

describe('parseSettings', () => {
  it('parses each value as the type of its default', () => {
    const texts = [
      'layers=100,50',
      'logq=1',
      'learningRate=5e-2',
      'constrainedEmbedding=false',
      'finalAct=elu-0.5',
    ];
    expect(parseSettings(texts)).toEqual({
      layers: [100, 50],
      logq: 1,
      learningRate: 0.05,
      constrainedEmbedding: false,
      finalAct: 'elu-0.5',
    });
  });

  it('accepts a list in brackets and a single number as a list', () => {
    expect(parseSettings(['layers=[64,32]'])).toEqual({ layers: [64, 32] });
    expect(parseSettings(['layers=64'])).toEqual({ layers: [64] });
  });

  it('accepts a number or a word for embedding', () => {
    expect(parseSettings(['embedding=64'])).toEqual({ embedding: 64 });
    expect(parseSettings(['embedding=layersize'])).toEqual({ embedding: 'layersize' });
  });

  it('accepts a negative number or a word for coldItemOffset', () => {
    expect(parseSettings(['coldItemOffset=-1.5'])).toEqual({ coldItemOffset: -1.5 });
    expect(parseSettings(['coldItemOffset=auto'])).toEqual({ coldItemOffset: 'auto' });
  });

  it('keeps a value of the wrong type or an unknown key as text', () => {
    expect(parseSettings(['batchSize=', 'logq=0x1', 'constrainedEmbedding=yes', 'toString=1'])).toEqual({
      batchSize: '',
      logq: '0x1',
      constrainedEmbedding: 'yes',
      toString: '1',
    });
  });

  it('splits at the first equals sign', () => {
    expect(parseSettings(['loss=a=b'])).toEqual({ loss: 'a=b' });
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

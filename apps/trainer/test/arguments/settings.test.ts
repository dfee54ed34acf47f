import { describe, expect, it } from 'vitest';
import { parseSettings } from '../../src/arguments/settings.ts';

describe('parseSettings', () => {
  it('reads each value as the kind of the default', () => {
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

  it('takes a list in brackets, and one of a single number', () => {
    expect(parseSettings(['layers=[64,32]'])).toEqual({ layers: [64, 32] });
    expect(parseSettings(['layers=64'])).toEqual({ layers: [64] });
  });

  it('takes a number or a word for embedding', () => {
    expect(parseSettings(['embedding=64'])).toEqual({ embedding: 64 });
    expect(parseSettings(['embedding=layersize'])).toEqual({ embedding: 'layersize' });
  });

  it('leaves what is not of its kind, or has no key, as a text', () => {
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

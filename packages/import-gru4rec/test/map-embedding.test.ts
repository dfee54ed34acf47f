import { describe, expect, it } from 'vitest';
import { toConfig } from '../src/to-config.ts';

const oneHot = { constrained_embedding: false, embedding: 0, dropout_p_embed: 0.1, dropout_p_hidden: 0.2 };

describe('mapEmbedding', () => {
  it('uses the cell of each code', () => {
    expect(toConfig({}, { code: 'pytorch' }).config['gru']).toBe('reset-after');
    expect(toConfig({}, { code: 'theano' }).config['gru']).toBe('reset-before');
    const separate = { constrained_embedding: false, embedding: 'layersize' };
    expect(toConfig(separate, { code: 'pytorch' }).config['gru']).toBe('reset-after');
  });

  it('maps one-hot input of the PyTorch code, whose cell and dropouts differ', () => {
    const { config, notes } = toConfig(oneHot, { code: 'pytorch' });
    expect(config).toMatchObject({ gru: 'reset-before', dropoutPEmbed: 0, dropoutPHidden: 0.1 });
    expect(notes).toEqual([expect.stringContaining('"dropout_p_embed" 0.1 becomes dropoutPHidden')]);
    expect(toConfig({ constrained_embedding: false }, { code: 'pytorch' }).notes).toEqual([]);
  });

  it('maps one-hot input of the Theano code', () => {
    const { config, notes } = toConfig({ ...oneHot, layers: [10, 10] }, { code: 'theano' });
    expect(config).toMatchObject({ gru: 'reset-before', dropoutPEmbed: 0, dropoutPHidden: 0.2 });
    expect(notes).toEqual(['"dropout_p_embed" 0.1 becomes 0: one-hot input has no embedding.']);
  });

  it('refuses layers of two variants', () => {
    expect(() => toConfig({ ...oneHot, layers: '100/100' })).toThrow(
      'toConfig: "layers" expected one layer with one-hot input in the PyTorch code, got [100,100]. Its first layer is then reset-before',
    );
  });

  it('refuses an embedding with constrained_embedding if the code fails, and drops it if it has no effect', () => {
    expect(() => toConfig({ embedding: 64 })).toThrow(
      'toConfig: "embedding" expected 0 with constrained_embedding True, got 64. The PyTorch code fails here',
    );
    const both = { embedding: 'layersize', constrained_embedding: true };
    const { config, notes } = toConfig(both, { code: 'theano' });
    expect(config['embedding']).toBe(0);
    expect(notes).toEqual([
      '"embedding" layersize becomes 0: it has no effect with constrained_embedding True.',
    ]);
  });
});

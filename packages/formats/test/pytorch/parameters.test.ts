import { configDefaults, parseConfig } from '@gru4rec/model';
import { describe, expect, it } from 'vitest';
import {
  OriginalFormatError,
  type OriginalParameters,
  parameterNames,
  parseParameterFile,
  toConfig,
} from '../../src/pytorch/parameters.ts';

const file = `from collections import OrderedDict

# best of 200 runs
gru4rec_params = OrderedDict([
('loss', 'bpr-max'),  # the authors' best
("layers", [512, 256,]),
('elu_param', 0.5), ('learning_rate', 5e-2),
('constrained_embedding', True),
('device', None),
('compatibility_mode', False),
])
`;

describe('parseParameterFile', () => {
  it.each([file, `\uFEFF${file.replaceAll('\n', '\r\n')}`, file.replace('Ordered', 'collections.Ordered')])(
    'reads an OrderedDict of literals',
    (text) => {
      expect(parseParameterFile(text)).toEqual({
        loss: 'bpr-max',
        layers: [512, 256],
        elu_param: 0.5,
        learning_rate: 0.05,
        constrained_embedding: true,
        device: null,
        compatibility_mode: false,
      });
    },
  );

  it.each([
    '',
    'p = {"loss": "bpr-max"}',
    "p = OrderedDict([('loss', open('x'))])",
    "p = OrderedDict([('layers', [2 * 50])])",
    "p = OrderedDict([('loss', 'bpr-max')]).copy()",
    "p = OrderedDict([('loss', 'bpr-max'), ('loss', 'bpr-max')])",
    "p = OrderedDict([('loss', 'bpr-max')])\nq = OrderedDict([])",
    "p = OrderedDict([('n_sample', 010)])",
    `p = OrderedDict(${'['.repeat(20_000)}`,
  ])('refuses %j in one line', (text) => {
    expect(() => parseParameterFile(text, 'best.py')).toThrow(
      new OriginalFormatError(
        'parseParameterFile: "parameters" expected one OrderedDict([("name", literal), ...]) with each name once, got another text, at best.py. The file is parsed, never run: write it like those of the PyTorch program.',
      ),
    );
  });

  it('keeps a name of the prototype as a name', () => {
    expect(Object.keys(parseParameterFile("p = OrderedDict([('__proto__', 1)])"))).toEqual(['__proto__']);
  });
});

const oneHot = { constrained_embedding: false, embedding: 0, dropout_p_embed: 0.1, dropout_p_hidden: 0.2 };

describe('toConfig', () => {
  it('uses the defaults of the PyTorch code', () => {
    const { config, notes } = toConfig({});
    expect(parseConfig(config)).toEqual({ ...configDefaults, batchSize: 64, gru: 'reset-after' });
    expect(notes).toEqual([]);
    expect(toConfig({ loss: 'bpr-max' }).config['finalAct']).toBe('elu-0.5');
  });

  it('maps names, and values that are quoted', () => {
    const parameters = {
      ...{ loss: 'bpr-max', layers: '512/256', n_epochs: '3', batch_size: 240 },
      ...{ dropout_p_embed: '0.1', dropout_p_hidden: 0.2, n_sample: '0', sample_alpha: '0.75' },
      ...{ bpreg: '1e-1', learning_rate: 0.07, momentum: '0.3' },
    };
    expect(toConfig(parameters)).toMatchObject({
      config: {
        ...{ loss: 'bpr-max', layers: [512, 256], nEpochs: 3, batchSize: 240 },
        ...{ dropoutPEmbed: 0.1, dropoutPHidden: 0.2, nSample: 0, sampleAlpha: 0.75 },
        ...{ bpreg: 0.1, learningRate: 0.07, momentum: 0.3 },
      },
      notes: [],
    });
    expect(toConfig({ logq: '1.0', layers: 100 }).config).toMatchObject({ logq: 1, layers: [100] });
  });

  it.each<[OriginalParameters, string]>([
    [{ elu_param: '0' }, 'linear'],
    [{ loss: 'bpr-max', elu_param: 0 }, 'linear'],
    [{ loss: 'bpr-max', elu_param: 1 }, 'elu-1'],
    [{ loss: 'bpr-max', elu_param: '1e-7' }, 'elu-0.0000001'],
  ])('maps %j to the activation %s', (parameters, expected) => {
    expect(toConfig(parameters).config['finalAct']).toBe(expected);
  });

  it('notes values without an effect', () => {
    expect(toConfig({ elu_param: 0.5 }).notes).toEqual([
      '"elu_param" 0.5 is dropped: it has no effect with loss cross-entropy.',
    ]);
    const { config, notes } = toConfig({ loss: 'bpr-max', logq: '1.0' });
    expect(config['logq']).toBe(0);
    expect(notes).toEqual(['"logq" 1 becomes 0: the PyTorch code uses it only with cross-entropy.']);
  });

  it('uses reset-after with a separate embedding', () => {
    const { config } = toConfig({ constrained_embedding: 'False', embedding: 'layersize' });
    expect(config).toMatchObject({ gru: 'reset-after', constrainedEmbedding: false, embedding: 'layersize' });
  });

  it('maps one-hot input, whose cell and dropouts differ', () => {
    const { config, notes } = toConfig(oneHot);
    expect(config).toMatchObject({ gru: 'reset-before', dropoutPEmbed: 0, dropoutPHidden: 0.1 });
    expect(notes).toEqual([expect.stringContaining('"dropout_p_embed" 0.1 becomes dropoutPHidden')]);
    expect(toConfig({ constrained_embedding: false }).notes).toEqual([]);
  });

  it.each<[OriginalParameters, string]>([
    [
      { ...oneHot, layers: '100/100' },
      'toConfig: "layers" expected one layer with one-hot input in the PyTorch code, got [100,100]. Its first layer is then reset-before',
    ],
    [
      { embedding: 64 },
      'toConfig: "embedding" expected 0 with constrained_embedding True, got 64. The PyTorch code fails here',
    ],
    [
      { batch_size: 1, n_sample: 0 },
      'toConfig: "n_sample" expected a positive integer with batch_size 1, got 0. Otherwise there are no negatives to compare a target with.',
    ],
  ])('refuses what that code cannot run: %j', (parameters, message) => {
    expect(() => toConfig(parameters)).toThrow(message);
  });

  it.each(['device', 'sample_cache_max_size', 'sample_store_size', 'compatibility_mode'])(
    'drops %s and says so',
    (name) => {
      const { config, notes } = toConfig({ [name]: 'x' });
      expect(config).toEqual(toConfig({}).config);
      expect(notes).toEqual([expect.stringMatching(new RegExp(`^"${name}" is dropped: `))]);
    },
  );

  it.each([null, 'loss=bpr-max', []])('refuses %j in place of parameters', (value) => {
    expect(() => toConfig(value as never)).toThrow(
      'toConfig: "parameters" expected an object of names and values, got',
    );
  });

  it.each<[string, readonly unknown[], string]>([
    [
      'layers',
      ['', [], '100/x', [1.5], 0, 'a', null, { a: 1 }],
      'positive integers, such as [100] or 512/256',
    ],
    ['n_epochs', ['0', -1, '1.5', 'x', true, null, [1]], 'a positive integer'],
    ['n_sample', ['-1', 'all', 0.5], 'an integer ≥ 0'],
    ['embedding', ['-1', 'layer', 1.5, true], '0 (one-hot), a positive integer or layersize'],
    ['dropout_p_embed', ['1', -0.1, 'half', 'nan'], 'a number ≥ 0 and < 1'],
    ['learning_rate', ['0', -1, Number.NaN], 'a number > 0'],
    ['sample_alpha', ['1.1', -1], 'a number from 0 to 1'],
    ['bpreg', [-1, Number.POSITIVE_INFINITY], 'a number ≥ 0'],
    ['constrained_embedding', ['true', 'yes', 2, null, ''], 'True or False'],
    ['loss', [1, true, [], null, 'bprmax', 'top1'], 'cross-entropy or bpr-max'],
  ])('refuses wrong values of %s', (name, values, expected) => {
    for (const value of values) {
      const run = (): unknown => toConfig({ [name]: value } as OriginalParameters);
      expect(run).toThrow(OriginalFormatError);
      expect(run).toThrow(`toConfig: "${name}" expected ${expected}, got `);
    }
  });

  it('lists the names for an unknown one, also of the Theano program', () => {
    expect(() => toConfig({ final_act: 'tanh' })).toThrow(
      `toConfig: "final_act" expected one of the PyTorch program’s ${parameterNames.join(', ')}, got an unknown name with "tanh". Check its spelling, or remove it.`,
    );
    expect(() => toConfig(parseParameterFile("p = OrderedDict([('__proto__', 1)])"))).toThrow(
      '"__proto__" expected one of',
    );
    expect(() => toConfig({ toString: 1 })).toThrow('"toString" expected one of');
  });
});

import { configDefaults, parseConfig } from '@gru4rec/model';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parameterNames } from '../src/given.ts';
import { OriginalFormatError } from '../src/original-format-error.ts';
import type { OriginalParameters } from '../src/parameter-value.ts';
import { parseParameterFile } from '../src/parse-parameter-file.ts';
import { parseParameterString } from '../src/parse-parameter-string.ts';
import { toConfig } from '../src/to-config.ts';

const pytorch = (parameters: OriginalParameters) => toConfig(parameters, { code: 'pytorch' });
const theano = (parameters: OriginalParameters) => toConfig(parameters, { code: 'theano' });

describe('toConfig', () => {
  it('uses the defaults of the PyTorch code', () => {
    const { config, notes } = pytorch({});
    expect(parseConfig(config)).toEqual({ ...configDefaults, batchSize: 64, gru: 'reset-after' });
    expect(notes).toEqual([]);
    expect(pytorch({ loss: 'bpr-max' }).config['finalAct']).toBe('elu-0.5');
  });

  it('uses the defaults of the Theano code', () => {
    const { config, notes } = theano({});
    expect(parseConfig(config)).toEqual({
      ...configDefaults,
      loss: 'bpr-max',
      constrainedEmbedding: false,
      learningRate: 0.1,
      sampleAlpha: 0.75,
    });
    expect(notes).toEqual([]);
  });

  it('sets every key of either code, independent of our defaults', () => {
    const ofOtherOptimizers = ['decay', 'beta1', 'beta2'];
    const ofNoneOfThem = [
      ...['patience', 'averageDecay', 'repeatLength', 'seed', 'repeatBias', 'tunedOn', 'learningRateDecay'],
      ...['validationMetric', 'itemFeatures', 'itemFeatureScale', 'hardNegatives', 'targetTypes', 'holdOut'],
      ...['itemVectors', 'decay', 'beta1', 'beta2'],
      ...['warmupSteps', 'coldItemOffset', 'freshness', 'clickFeatures', 'clickFeatureScale', 'temperature'],
      ...['coldItemLoss', ...ofOtherOptimizers],
    ];
    const expected = Object.keys(configDefaults).filter((key) => !ofNoneOfThem.includes(key));
    expect(Object.keys(theano({}).config).sort()).toEqual(expected.sort());
  });

  it.each<[string, unknown, string, unknown]>([
    ['loss', 'cross-entropy', 'loss', 'cross-entropy'],
    ['loss', 'bpr-max', 'loss', 'bpr-max'],
    ['layers', '512/256', 'layers', [512, 256]],
    ['layers', '224', 'layers', [224]],
    ['layers', [100], 'layers', [100]],
    ['layers', 100, 'layers', [100]],
    ['n_epochs', '3', 'nEpochs', 3],
    ['batch_size', '80', 'batchSize', 80],
    ['batch_size', 80, 'batchSize', 80],
    ['dropout_p_embed', '0.5', 'dropoutPEmbed', 0.5],
    ['dropout_p_hidden', '.05', 'dropoutPHidden', 0.05],
    ['dropout_p_hidden', 0, 'dropoutPHidden', 0],
    ['learning_rate', '5e-2', 'learningRate', 0.05],
    ['momentum', '0.4', 'momentum', 0.4],
    ['n_sample', '0', 'nSample', 0],
    ['n_sample', '2048', 'nSample', 2048],
    ['sample_alpha', '0', 'sampleAlpha', 0],
    ['sample_alpha', '1', 'sampleAlpha', 1],
    ['logq', '1.0', 'logq', 1],
    ['constrained_embedding', 'True', 'constrainedEmbedding', true],
    ['constrained_embedding', '1', 'constrainedEmbedding', true],
    ['constrained_embedding', 'False', 'constrainedEmbedding', false],
    ['constrained_embedding', '0', 'constrainedEmbedding', false],
    ['constrained_embedding', false, 'constrainedEmbedding', false],
    ['constrained_embedding', 0, 'constrainedEmbedding', false],
  ])('maps %s=%j', (name, value, key, expected) => {
    const { config, notes } = pytorch({ [name]: value } as OriginalParameters);
    expect(parseConfig(config)).toHaveProperty(key, expected);
    expect(notes).toEqual([]);
  });

  it.each<[string, unknown, string, unknown]>([
    ['loss', 'bpr', 'loss', 'bpr'],
    ['loss', 'top1', 'loss', 'top1'],
    ['loss', 'top1-max', 'loss', 'top1-max'],
    ['bpreg', '1.95', 'bpreg', 1.95],
    ['hidden_act', 'relu', 'hiddenAct', 'relu'],
    ['hidden_act', 'linear', 'hiddenAct', 'linear'],
    ['hidden_act', 'tanh', 'hiddenAct', 'tanh'],
    ['hidden_act', 'leaky-0.1', 'hiddenAct', 'leaky-0.1'],
    ['hidden_act', 'elu-1', 'hiddenAct', 'elu-1'],
    ['hidden_act', 'selu-1.05-1.67', 'hiddenAct', 'selu-1.05-1.67'],
    ['embedding', '64', 'embedding', 64],
    ['embedding', '0', 'embedding', 0],
    ['embedding', 'layersize', 'embedding', 'layersize'],
    ['adapt', 'adagrad', 'optimizer', 'adagrad'],
    ['adapt', 'None', 'optimizer', 'sgd'],
    ['adapt', null, 'optimizer', 'sgd'],
    ['adapt', false, 'optimizer', 'sgd'],
    ['adapt', '', 'optimizer', 'sgd'],
    ['adapt', 'sgd', 'optimizer', 'sgd'],
    ['adapt_params', [], 'optimizer', 'adagrad'],
    ['adapt_params', '', 'optimizer', 'adagrad'],
    ['lmbd', '1e-5', 'lmbd', 1e-5],
    ['grad_cap', '2', 'gradCap', 2],
    ['sigma', '0.1', 'sigma', 0.1],
    ['init_as_normal', 'True', 'initAsNormal', true],
    ['train_random_order', 'True', 'sessionOrder', 'shuffled'],
    ['train_random_order', 'False', 'sessionOrder', 'time'],
    ['time_sort', 'True', 'sessionOrder', 'time'],
    ['smoothing', 0, 'smoothing', 0],
    ['logq', 0, 'logq', 0],
  ])('maps %s=%j of the Theano code', (name, value, key, expected) => {
    const { config, notes } = theano({ [name]: value } as OriginalParameters);
    expect(parseConfig(config)).toHaveProperty(key, expected);
    expect(notes).toEqual([]);
  });

  it('reads sessions as stored without time_sort, and says what differs', () => {
    const { config, notes } = theano({ time_sort: false });
    expect(config['sessionOrder']).toBe('stored');
    expect(notes).toEqual([
      '"time_sort" False uses the order of the dataset; the Theano code orders sessions by their ids.',
    ]);
    expect(theano({ time_sort: false, train_random_order: true }).config['sessionOrder']).toBe('shuffled');
  });

  it('carries the state across sessions if older versions did', () => {
    const { config, notes } = theano({ reset_after_session: false, batch_size: 32, loss: 'bpr' });
    expect(config['resetAfterSession']).toBe(false);
    expect(notes).toEqual([
      '"reset_after_session" was used until 2017, when absent parameters meant dropout_p_hidden=0.5, learning_rate=0.05, n_sample=0: give these values to train as then.',
    ]);
  });

  it.each(['session_key', 'item_key', 'time_key', 'sample_store', 'sample_store_size', 'store_type'])(
    'drops %s and says so',
    (name) => {
      const { config, notes } = theano({ [name]: 'x' });
      expect(config).toEqual(theano({}).config);
      expect(notes).toEqual([expect.stringMatching(new RegExp(`^"${name}" is dropped: `))]);
    },
  );

  it.each(['device', 'sample_cache_max_size', 'compatibility_mode'])('drops %s and says so', (name) => {
    const { config, notes } = pytorch({ [name]: 'x' });
    expect(config).toEqual(pytorch({}).config);
    expect(notes).toEqual([expect.stringMatching(new RegExp(`^"${name}" is dropped: `))]);
  });
});

describe('toConfig, whose parameters', () => {
  it.each<[OriginalParameters, string]>([
    [{}, 'reset-after'],
    [{ layers: '100' }, 'reset-after'],
    [{ elu_param: 0.5, loss: 'bpr-max' }, 'reset-after'],
    [{ final_act: 'elu-0.5', loss: 'bpr-max' }, 'reset-before'],
    [{ loss: 'top1' }, 'reset-before'],
    [{ loss: 'xe_logit' }, 'reset-before'],
    [{ adapt: 'adagrad', elu_param: 0 }, 'reset-after'],
  ])('recognises the code by the names: %j', (parameters, gru) => {
    expect(toConfig(parameters).config['gru']).toBe(gru);
  });

  it('says when the Theano code was inferred, and why', () => {
    expect(toConfig({ layers: [10], hidden_act: 'tanh' }).notes).toEqual([
      '"hidden_act" exists only in the Theano code: its defaults and its cell, reset-before, are used.',
    ]);
    expect(toConfig({ loss: 'top1' }).notes).toEqual([
      'loss top1 exists only in the Theano code: its defaults and its cell, reset-before, are used.',
    ]);
  });

  it('notes names that the given code does not have', () => {
    expect(pytorch({ lmbd: 0.1 }).notes).toEqual([
      '"lmbd" exists only in the Theano code, and has the meaning that it has there.',
    ]);
    expect(theano({ elu_param: 1 }).notes).toEqual([
      '"elu_param" exists only in the PyTorch code, and has the meaning that it has there.',
    ]);
  });

  it('refuses another code', () => {
    const options = { code: 'tensorflow' } as never;
    expect(() => toConfig({}, options)).toThrow(
      'toConfig: "code" expected one of pytorch, theano, got "tensorflow". Leave it out to infer it from the parameters.',
    );
  });

  it.each([null, 'loss=bpr-max', 7, []])('refuses %j in place of parameters', (value) => {
    expect(() => toConfig(value as never)).toThrow(
      'toConfig: "parameters" expected an object of names and values, got',
    );
  });
});

describe('toConfig, wrong values', () => {
  it.each<[string, readonly unknown[], string]>([
    [
      'layers',
      ['', [], '100/x', [1.5], 0, 'a', null, { a: 1 }],
      'positive integers, such as [100] or 512/256',
    ],
    ['n_epochs', ['0', -1, '1.5', 'x', true, null, [1]], 'a positive integer'],
    ['batch_size', ['0', -1, 2.5, '1e2', ''], 'a positive integer'],
    ['n_sample', ['-1', 'all', 0.5], 'an integer ≥ 0'],
    ['embedding', ['-1', 'layer', 1.5, true], '0 (one-hot), a positive integer or layersize'],
    ['dropout_p_embed', ['1', -0.1, 'half', 'nan'], 'a number ≥ 0 and < 1'],
    ['dropout_p_hidden', ['1.0', false], 'a number ≥ 0 and < 1'],
    ['momentum', [1, 'inf'], 'a number ≥ 0 and < 1'],
    ['smoothing', [1], 'a number ≥ 0 and < 1'],
    ['decay', [1], 'a number ≥ 0 and < 1'],
    ['learning_rate', ['0', -1, Number.NaN], 'a number > 0'],
    ['sample_alpha', ['1.1', -1], 'a number from 0 to 1'],
    ['bpreg', [-1, Number.POSITIVE_INFINITY], 'a number ≥ 0'],
    ['logq', [-1], 'a number ≥ 0'],
    ['elu_param', [-1], 'a number ≥ 0'],
    ['lmbd', [-1], 'a number ≥ 0'],
    ['grad_cap', [-1], 'a number ≥ 0'],
    ['sigma', [-1], 'a number ≥ 0'],
    ['constrained_embedding', ['true', 'yes', 2, null, ''], 'True or False'],
    ['init_as_normal', [2], 'True or False'],
    ['reset_after_session', ['x'], 'True or False'],
    ['train_random_order', ['x'], 'True or False'],
    ['time_sort', ['x'], 'True or False'],
    ['adapt_params', ['x', [1], [[0.9]], null], 'numbers ≥ 0 and < 1, such as [0.9, 0.999] or 0.9/0.999'],
    ['loss', [1, true, []], 'a string'],
    ['hidden_act', [1], 'a string'],
    ['final_act', [1, true], 'a string or None'],
    ['adapt', [1, true], 'a string or None'],
  ])('refuses them in %s', (name, values, expected) => {
    for (const value of values) {
      const run = (): unknown => toConfig({ [name]: value } as OriginalParameters);
      expect(run).toThrow(OriginalFormatError);
      expect(run).toThrow(`toConfig: "${name}" expected ${expected}, got `);
    }
  });

  it('lists the names for one that is misspelt', () => {
    expect(() => toConfig({ n_smaple: '2048' })).toThrow(
      `toConfig: "n_smaple" expected one of ${parameterNames.join(', ')}, got an unknown name with "2048". Check its spelling, or remove it.`,
    );
    expect(() => toConfig(parseParameterString('__proto__=1'))).toThrow('"__proto__" expected one of');
    expect(() => toConfig({ toString: 1 })).toThrow('"toString" expected one of');
  });

  it('refuses a batch of one without samples', () => {
    expect(() => toConfig({ batch_size: 1, n_sample: 0 })).toThrow(
      'toConfig: "n_sample" expected a positive integer with batch_size 1, got 0. Otherwise there are no negatives to compare a target with.',
    );
  });

  it('returns what parseConfig accepts, or throws its own error, for any input', () => {
    const words = [
      'True',
      'False',
      'None',
      '',
      '0',
      '1',
      '0.5',
      '100/50',
      '0.9/0.9',
      'softmax',
      'softmax_logit',
    ];
    const known = fc.constantFrom<unknown>(
      ...[...words, 'elu-0.5', 'linear', 'tanh', 'selu-1-2', 'adam', 'rmsprop', 'adadelta', 'adagrad'],
      ...['cross-entropy', 'xe_logit', 'bpr-max', 'bpr', 'top1', 'top1-max', 'bpr-max-0.5', 'layersize'],
      ...[null, true, false, 0, 1, 0.5, 1e-30, 1e30, 64, [], [100], [0.9], [0.9, 0.999]],
    );
    const value = fc.oneof({ weight: 9, arbitrary: known }, fc.anything());
    const names = fc.oneof({ weight: 99, arbitrary: fc.constantFrom(...parameterNames) }, fc.string());
    const parameters = fc.dictionary(names, value, { maxKeys: 5 });
    const code = fc.constantFrom('pytorch' as const, 'theano' as const, undefined);
    let mapped = 0;
    fc.assert(
      fc.property(parameters, code, (given, code) => {
        try {
          const { config } = toConfig(given as OriginalParameters, code ? { code } : {});
          expect(parseConfig(config)).toMatchObject(config);
          mapped++;
        } catch (error) {
          expect(error).toBeInstanceOf(OriginalFormatError);
        }
      }),
      { numRuns: 5000 },
    );
    expect(mapped).toBeGreaterThan(300);
  });
});

describe('toConfig of a parameter file', () => {
  it('gives the same configuration as the string', () => {
    const file = parseParameterFile(
      "p = dict(loss='bpr-max', layers=[224], elu_param=0.5, momentum=0.4, constrained_embedding=True)",
    );
    const string = parseParameterString(
      'loss=bpr-max,layers=224,elu_param=0.5,momentum=0.4,constrained_embedding=True',
    );
    expect(toConfig(file)).toEqual(toConfig(string));
  });
});

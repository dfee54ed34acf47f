import { describe, expect, it } from 'vitest';
import type { OriginalParameters } from '../src/parameter-value.ts';
import { toConfig } from '../src/to-config.ts';

const finalAct = (parameters: OriginalParameters, code?: 'pytorch' | 'theano'): unknown =>
  toConfig(parameters, code ? { code } : {}).config['finalAct'];

describe('mapFinalActivation', () => {
  it.each<[OriginalParameters, string]>([
    [{ loss: 'cross-entropy', final_act: 'softmax' }, 'linear'],
    [{ loss: 'cross-entropy', final_act: null }, 'linear'],
    [{ loss: 'xe_logit', final_act: 'softmax_logit' }, 'linear'],
    [{ loss: 'cross-entropy', elu_param: '0' }, 'linear'],
    [{ loss: 'cross-entropy' }, 'linear'],
    [{ loss: 'bpr-max' }, 'elu-0.5'],
    [{ loss: 'bpr-max', elu_param: 0 }, 'linear'],
    [{ loss: 'bpr-max', elu_param: 1 }, 'elu-1'],
    [{ loss: 'bpr-max', elu_param: '1e-7' }, 'elu-0.0000001'],
    [{ loss: 'top1-max', elu_param: 0.5 }, 'elu-0.5'],
    [{ loss: 'bpr-max', final_act: 'elu-0.5' }, 'elu-0.5'],
    [{ loss: 'bpr-max', final_act: 'elu-0.50', elu_param: '0.5' }, 'elu-0.50'],
    [{ loss: 'bpr-max', final_act: 'linear', elu_param: 0 }, 'linear'],
    [{ loss: 'bpr-max', final_act: 'linear' }, 'linear'],
    [{ loss: 'bpr-max', final_act: 'relu' }, 'relu'],
    [{ loss: 'bpr', final_act: 'tanh' }, 'tanh'],
    [{ loss: 'top1', final_act: 'leaky-0.01' }, 'leaky-0.01'],
    [{ loss: 'top1-max', final_act: 'selu-1.05-1.67' }, 'selu-1.05-1.67'],
    [{ loss: 'bpr', final_act: null }, 'tanh'],
    [{ loss: 'top1', final_act: 'None' }, 'tanh'],
    [{ loss: 'top1' }, 'linear'],
  ])('maps %j to %s', (parameters, expected) => {
    expect(finalAct(parameters)).toBe(expected);
  });

  it('is linear before bpr-max in the Theano code', () => {
    expect(finalAct({ loss: 'bpr-max' }, 'theano')).toBe('linear');
    expect(finalAct({ loss: 'top1-max' }, 'pytorch')).toBe('linear');
  });

  it.each<[OriginalParameters, string]>([
    [
      { loss: 'cross-entropy', final_act: 'linear' },
      '"final_act" expected softmax with loss cross-entropy, got "linear". Here the softmax is part of cross-entropy',
    ],
    [{ loss: 'cross-entropy', final_act: 'tanh' }, '"final_act" expected softmax with loss cross-entropy'],
    [{ loss: 'cross-entropy', final_act: 'softmax_logit' }, '"final_act" expected softmax with loss'],
    [{ loss: 'xe_logit', final_act: 'softmax' }, '"final_act" expected softmax_logit with loss xe_logit'],
    [{ loss: 'bpr-max', final_act: 'softmax' }, 'A softmax of the scores requires loss cross-entropy.'],
    [{ loss: 'top1', final_act: 'softmax_logit' }, 'A softmax of the scores requires loss cross-entropy.'],
    [{ loss: 'bpr-max', final_act: null }, '"final_act" expected one of linear, relu, tanh, leaky-<X>'],
    [{ loss: 'bpr-max', final_act: 'elu' }, 'got "elu". Check its spelling.'],
    [{ loss: 'bpr-max', final_act: 'elu-x' }, 'got "elu-x". Check its spelling.'],
    [{ loss: 'bpr-max', final_act: 'sigmoid' }, 'got "sigmoid". Check its spelling.'],
    [
      { loss: 'bpr-max', final_act: 'elu-1', elu_param: 0.5 },
      '"elu_param" expected the constant of final_act elu-1, got 0.5. It contradicts final_act elu-1; give only one of the two.',
    ],
    [{ loss: 'bpr-max', final_act: 'linear', elu_param: 0.5 }, '"elu_param" expected 0, got 0.5.'],
    [
      { loss: 'bpr-max', final_act: 'tanh', elu_param: 0 },
      '"elu_param" expected the constant of final_act tanh, got 0.',
    ],
    [
      { loss: 'bpr', elu_param: 0.5 },
      '"elu_param" expected 0 with loss bpr, got 0.5. It is a parameter of bpr-max',
    ],
  ])('refuses %j', (parameters, message) => {
    expect(() => toConfig(parameters)).toThrow(message);
  });

  it('notes its assumptions and dropped values', () => {
    expect(toConfig({ loss: 'cross-entropy' }, { code: 'theano' }).notes).toEqual([
      '"final_act" is read as softmax: its default in the Theano code, linear, has no meaning with loss cross-entropy.',
    ]);
    expect(toConfig({ elu_param: 0.5 }).notes).toEqual([
      '"elu_param" 0.5 is dropped: it has no effect with loss cross-entropy.',
    ]);
  });
});

describe('mapHiddenActivation', () => {
  it.each(['sigmoid', 'softmax', 'elu', 'selu-1', 'None'])('refuses %s', (hidden) => {
    expect(() => toConfig({ hidden_act: hidden })).toThrow(
      `toConfig: "hidden_act" expected one of linear, relu, tanh, leaky-<X>, elu-<X>, selu-<X>-<Y>, got "${hidden}". Check its spelling.`,
    );
  });
});

import { parseConfig } from '@gru4rec/model';
import { describe, expect, it } from 'vitest';
import type { OriginalParameters } from '../src/parameter-value.ts';
import { toConfig } from '../src/to-config.ts';

describe('mapOptimizer', () => {
  it.each<[OriginalParameters, Record<string, unknown>]>([
    [
      { adapt: 'rmsprop', adapt_params: [0.95] },
      { optimizer: 'rmsprop', decay: 0.95, learningRate: 0.1 },
    ],
    [
      { adapt: 'rmsprop', adapt_params: '0.95' },
      { optimizer: 'rmsprop', decay: 0.95 },
    ],
    [
      { adapt: 'rmsprop', adapt_params: 0.95, momentum: 0.1 },
      { decay: 0.95, momentum: 0.1 },
    ],
    [
      { adapt: 'rmsprop', decay: 0.8 },
      { optimizer: 'rmsprop', decay: 0.8 },
    ],
    [{ adapt: 'rmsprop' }, { optimizer: 'rmsprop', decay: 0.9 }],
    [
      { adapt: 'adadelta', adapt_params: [0.95] },
      { optimizer: 'adadelta', decay: 0.95, learningRate: 1 },
    ],
    [{ adapt: 'adadelta' }, { optimizer: 'adadelta', decay: 0.9, learningRate: 1 }],
    [
      { adapt: 'adam', adapt_params: '0.9/0.999' },
      { optimizer: 'adam', beta1: 0.9, beta2: 0.999 },
    ],
    [
      { adapt: 'adam', decay: 0.95 },
      { optimizer: 'adam', beta1: 0.95, beta2: 0.95 },
    ],
    [{ adapt: 'adam' }, { optimizer: 'adam', beta1: 0.9, beta2: 0.9 }],
    [
      { adapt: null, momentum: 0.5 },
      { optimizer: 'sgd', momentum: 0.5 },
    ],
  ])('maps %j', (parameters, expected) => {
    expect(parseConfig(toConfig(parameters).config)).toMatchObject(expected);
  });

  it.each<[OriginalParameters, string]>([
    [{ adapt: 'adagard' }, '"adapt" expected one of adagrad, rmsprop, adadelta, adam, None, got "adagard"'],
    [
      { adapt: 'adam', momentum: 0.1 },
      '"momentum" expected 0 with adapt adam, got 0.1. The Theano code adds',
    ],
    [{ adapt: 'adadelta', momentum: 0.1 }, '"momentum" expected 0 with adapt adadelta, got 0.1.'],
    [{ adapt: 'rmsprop', adapt_params: [0.9, 0.9] }, '"adapt_params" expected one number with adapt rmsprop'],
    [
      { adapt: 'adam', adapt_params: [0.9] },
      '"adapt_params" expected two numbers with adapt adam, got [0.9].',
    ],
    [{ adapt: 'adam', adapt_params: [0.9, 0.9, 0.9] }, '"adapt_params" expected two numbers with adapt adam'],
    [
      { adapt: 'adadelta', decay: 0.9 },
      '"decay" expected adapt_params instead with adapt adadelta, got 0.9. Until 2017 the authors\' adadelta summed',
    ],
    [{ adapt: 'rmsprop', decay: 0.9, adapt_params: [0.9] }, '"decay" expected no value beside adapt_params'],
  ])('refuses %j', (parameters, message) => {
    expect(() => toConfig(parameters)).toThrow(message);
  });

  it.each<[OriginalParameters, string]>([
    [{ adapt: 'adadelta', adapt_params: [0.9], learning_rate: 0.1 }, '"learning_rate" 0.1 becomes 1'],
    [{ adapt: 'adam', adapt_params: [0.9, 0.9] }, '"adapt" adam differs slightly'],
    [{ adapt: 'adam' }, '"adapt_params" is read as [0.9, 0.9]'],
    [{ adapt: 'rmsprop' }, '"adapt_params" is read as [0.9]'],
    [
      { adapt: 'adagrad', adapt_params: [0.9] },
      '"adapt_params" is dropped: it has no effect with adapt adagrad',
    ],
    [{ adapt: null, decay: 0.9 }, '"decay" is dropped: it has no effect with adapt None'],
  ])('notes differences for %j', (parameters, note) => {
    expect(toConfig(parameters).notes.join('\n')).toContain(note);
  });
});

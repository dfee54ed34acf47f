import { type Mapping, refuse } from './mapping.ts';

const OPTIMIZERS = ['adagrad', 'rmsprop', 'adadelta', 'adam', 'None'] as const;
type Adapt = (typeof OPTIMIZERS)[number];

/** Configuration keys of the optimiser. */
export interface OptimizerKeys {
  readonly optimizer: string;
  readonly learningRate: number;
  readonly momentum: number;
  readonly decay?: number;
  readonly beta1?: number;
  readonly beta2?: number;
}

/**
 * Maps adapt, adapt_params, decay, learning_rate and momentum.
 * @throws OriginalFormatError for an unknown optimiser, or a parameter that does not fit it.
 */
export function mapOptimizer(mapping: Mapping): OptimizerKeys {
  const { given, code } = mapping;
  const adapt = adaptOf(given.adapt === 'sgd' ? 'None' : (given.adapt ?? 'adagrad'));
  const { momentum = 0, learning_rate: learningRate = code === 'pytorch' ? 0.05 : 0.1 } = given;
  if (momentum > 0 && (adapt === 'adam' || adapt === 'adadelta')) {
    const advice = 'The Theano code adds momentum to these optimisers; this package has no such combination.';
    refuse('momentum', `0 with adapt ${adapt}`, momentum, advice);
  }
  if (given.decay !== undefined && given.adapt_params !== undefined) {
    refuse(
      'decay',
      'no value beside adapt_params',
      given.decay,
      'It is the former name of adapt_params; give only one of the two.',
    );
  }
  const optimizer = adapt === 'None' ? 'sgd' : adapt;
  return { optimizer, momentum, ...rates(mapping, adapt, learningRate) };
}

function adaptOf(adapt: string): Adapt {
  const found = OPTIMIZERS.find((name) => name === adapt);
  const advice = 'The Theano code silently treats every other name as None.';
  return found ?? refuse('adapt', `one of ${OPTIMIZERS.join(', ')}`, adapt, advice);
}

function rates(
  mapping: Mapping,
  adapt: Adapt,
  learningRate: number,
): Pick<OptimizerKeys, 'learningRate' | 'decay' | 'beta1' | 'beta2'> {
  switch (adapt) {
    case 'adagrad':
    case 'None':
      noteUnused(mapping, adapt);
      return { learningRate };
    case 'rmsprop':
      return { learningRate, decay: mapping.given.decay ?? decayOf(mapping, adapt) };
    case 'adadelta':
      return { learningRate: one(mapping, learningRate), decay: adadeltaDecay(mapping) };
    case 'adam':
      return { learningRate, ...betas(mapping) };
  }
}

function noteUnused({ given, notes }: Mapping, adapt: Adapt): void {
  if (given.decay !== undefined) notes.push(`"decay" is dropped: it has no effect with adapt ${adapt}.`);
  if (given.adapt_params && given.adapt_params.length > 0) {
    notes.push(`"adapt_params" is dropped: it has no effect with adapt ${adapt}.`);
  }
}

/** The decay of squared gradients: the only number of adapt_params. */
function decayOf({ given, notes }: Mapping, adapt: Adapt): number {
  const { adapt_params: params = [] } = given;
  const [decay] = params;
  if (decay === undefined) {
    notes.push('"adapt_params" is read as [0.9], the default until 2017; later versions fail without it.');
    return 0.9;
  }
  if (params.length === 1) return decay;
  const advice = 'It is the decay of squared gradients.';
  return refuse('adapt_params', `one number with adapt ${adapt}`, params, advice);
}

function adadeltaDecay(mapping: Mapping): number {
  const { decay } = mapping.given;
  if (decay === undefined) return decayOf(mapping, 'adadelta');
  const advice =
    "Until 2017 the authors' adadelta summed squares without decay; here, as in their later versions, they decay.";
  return refuse('decay', 'adapt_params instead with adapt adadelta', decay, advice);
}

/** The authors' adadelta always runs with a learning rate of 1. */
function one({ given, notes }: Mapping, learningRate: number): number {
  if (given.learning_rate !== undefined && learningRate !== 1) {
    notes.push(
      `"learning_rate" ${learningRate} becomes 1: the Theano code always uses 1 with adapt adadelta.`,
    );
  }
  return 1;
}

function betas({ given, notes }: Mapping): { beta1: number; beta2: number } {
  const { adapt_params: params = [], decay } = given;
  notes.push(
    '"adapt" adam differs slightly: the Theano code corrects both means by the first decay, and averages squared gradients of item rows where the gradients should be.',
  );
  if (decay !== undefined) return { beta1: decay, beta2: decay };
  const [beta1, beta2] = params;
  if (beta1 === undefined) {
    notes.push(
      '"adapt_params" is read as [0.9, 0.9], the default until 2017; later versions fail without it.',
    );
    return { beta1: 0.9, beta2: 0.9 };
  }
  if (beta2 !== undefined && params.length === 2) return { beta1, beta2 };
  return refuse(
    'adapt_params',
    'two numbers with adapt adam',
    params,
    'They are the decays of the two means.',
  );
}

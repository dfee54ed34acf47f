import {
  adadelta,
  adagrad,
  adam,
  type Optimizer,
  type ProgramBuilder,
  rmsprop,
  sgd,
  type Tensor,
} from '@gru4rec/program';

const [momentum, weightDecay, decay] = [0.4, 0.03, 0.8];
const beta = { beta1: 0.8, beta2: 0.95 };

/**
 * Every optimiser, with momentum and weight decay and without.
 * @param epsilon - how far a gradient of 0 stays from a division by 0.
 */
export function allOptimizers(epsilon: number): Readonly<Record<string, Optimizer>> {
  return {
    adagrad: adagrad({ epsilon }),
    'adagrad with momentum': adagrad({ momentum, epsilon }),
    'adagrad with weight decay': adagrad({ weightDecay, epsilon }),
    'adagrad with both': adagrad({ momentum, weightDecay, epsilon }),
    rmsprop: rmsprop({ decay, epsilon }),
    'rmsprop with momentum': rmsprop({ decay, momentum, epsilon }),
    'rmsprop with both': rmsprop({ decay, momentum, weightDecay, epsilon }),
    adadelta: adadelta({ decay, epsilon }),
    'adadelta with weight decay': adadelta({ decay, weightDecay, epsilon }),
    adam: adam({ ...beta, epsilon }),
    'adam with weight decay': adam({ ...beta, weightDecay, epsilon }),
    sgd: sgd(),
    'sgd with momentum': sgd({ momentum }),
    'sgd with both': sgd({ momentum, weightDecay }),
  };
}

/** Constants for the scalars of an optimiser: the rate, then what differs from it and from 1. */
export function scalarsOf(b: ProgramBuilder, { scalars }: Optimizer, learningRate: number): Tensor[] {
  return scalars.map((name, i) => b.constant(name === 'learningRate' ? learningRate : 1 + i / 4));
}

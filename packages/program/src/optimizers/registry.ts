import { adadelta } from './adadelta.ts';
import { adagrad } from './adagrad.ts';
import { adam } from './adam.ts';
import type { Optimizer, OptimizerOptions } from './optimizer.ts';
import { rmsprop } from './rmsprop.ts';
import { sgd } from './sgd.ts';

/** An optimiser, and what configurations must know about it. */
export interface OptimizerKind {
  /** The rule, with the constants that it reads. */
  readonly create: (options: OptimizerOptions) => Optimizer;
  /** Why it ignores `momentum`, as a sentence; absent if it reads `momentum`. */
  readonly withoutMomentum?: string;
}

/** The optimisers by name. */
export const optimizers = {
  adagrad: { create: adagrad } as OptimizerKind,
  adam: { create: adam, withoutMomentum: 'Its beta1 is the momentum.' } as OptimizerKind,
  rmsprop: { create: rmsprop } as OptimizerKind,
  adadelta: {
    create: adadelta,
    withoutMomentum: 'It sets the size of its steps by itself.',
  } as OptimizerKind,
  sgd: { create: sgd } as OptimizerKind,
};

/** Name of an optimiser in configurations. */
export type OptimizerName = keyof typeof optimizers;

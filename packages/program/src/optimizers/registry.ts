import { adadelta } from './adadelta.ts';
import { adagrad } from './adagrad.ts';
import { adam } from './adam.ts';
import type { Optimizer } from './optimizer.ts';
import { rmsprop } from './rmsprop.ts';
import { sgd } from './sgd.ts';

/** Constants of all optimisers; each reads its own. */
export interface OptimizerOptions {
  /** μ in [0, 1); 0 needs no slot. */
  readonly momentum: number;
  /** λ ≥ 0 */
  readonly weightDecay: number;
  /** ρ in [0, 1) of a moving average of squares. */
  readonly decay: number;
  /** β₁ and β₂ in [0, 1). */
  readonly beta1: number;
  readonly beta2: number;
  /** ε; the optimiser's default if not given. */
  readonly epsilon?: number;
}

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

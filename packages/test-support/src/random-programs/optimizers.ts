import { type Optimizer, optimizers, type ProgramBuilder, type Tensor } from '@gru4rec/program';

const constants = { decay: 0.8, beta1: 0.8, beta2: 0.95 };

/**
 * Every optimiser by a label: with weight decay and without, and with momentum and without where it reads it.
 * @param epsilon - ε of all; absent: each optimiser's default.
 */
export function allOptimizers(epsilon?: number): Readonly<Record<string, Optimizer>> {
  const shared = { ...constants, ...(epsilon === undefined ? {} : { epsilon }) };
  const labelled = Object.entries(optimizers).flatMap(([name, { create, withoutMomentum }]) =>
    (withoutMomentum === undefined ? [0, 0.4] : [0]).flatMap((momentum) =>
      [0, 0.03].map((weightDecay) => {
        const extras = [...(momentum > 0 ? ['momentum'] : []), ...(weightDecay > 0 ? ['weight decay'] : [])];
        const label = [name, ...extras].join(', ');
        return [label, create({ ...shared, momentum, weightDecay })] as const;
      }),
    ),
  );
  return Object.fromEntries(labelled);
}

/** Constants for the scalars of an optimiser: the rate, then values that differ from it and from 1. */
export function scalarsOf(b: ProgramBuilder, { scalars }: Optimizer, learningRate: number): Tensor[] {
  return scalars.map((name, i) => b.constant(name === 'learningRate' ? learningRate : 1 + i / 4));
}

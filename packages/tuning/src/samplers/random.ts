import { RandomStream } from '@gru4rec/random';
import type { Values } from '../space.ts';
import { axesOf, drawPosition, valuesAt } from './axis.ts';
import type { Sampler, SuggestRequest } from './sampler.ts';

/**
 * Random search (Bergstra, Bengio 2012, JMLR 13): every value as likely as another, logarithms in log space.
 *
 * A trial's values depend on the seed and its number alone.
 */
export function createRandomSampler(): Sampler {
  return { settings: { name: 'random' }, suggest: suggestAtRandom };
}

/** @returns values for the trial `number`, from the stream `tuning.random.<number>`. */
export function suggestAtRandom({ space, number, seed }: SuggestRequest): Values {
  const axes = axesOf(space);
  const stream = new RandomStream(seed, `tuning.random.${number}`);
  const positions = Float64Array.from(axes, (axis) => drawPosition(axis, stream));
  return valuesAt(positions, axes, space);
}

import { RandomStream } from '@gru4rec/random';
import type { Values } from '../space.ts';
import { axesOf, drawPosition, valuesAt } from './axis.ts';
import type { Sampler, SuggestRequest } from './sampler.ts';

/**
 * Random search (Bergstra, Bengio 2012, JMLR 13): draws every value uniformly, in log space its logarithm.
 *
 * A trial's values depend only on the space, the seed and the trial's number.
 */
export function createRandomSampler(): Sampler {
  return { settings: { name: 'random' }, suggest: suggestAtRandom };
}

/** @returns values for the trial `number`, drawn from the stream `tuning.random.<number>`. */
export function suggestAtRandom({ space, number, seed }: SuggestRequest): Values {
  const axes = axesOf(space);
  const stream = new RandomStream(seed, `tuning.random.${number}`);
  const positions = Float64Array.from(axes, (axis) => drawPosition(axis, stream));
  return valuesAt(positions, axes, space);
}

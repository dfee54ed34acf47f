import { RandomStream } from '@gru4rec/random';
import { isValueOf, type Values } from '../space.ts';
import { axesOf, drawPosition, valuesAt } from './axis.ts';
import type { SuggestRequest } from './sampler.ts';

/** Probability that a value of the start is drawn anew. */
const CHANGED = 1 / 3;

/**
 * Values near a start: a third of the start's values are drawn anew, and those that the start lacks or has outside the space.
 *
 * @returns values for the trial `number`, drawn from the stream `tuning.near.<number>`.
 */
export function suggestNear({ space, number, seed }: SuggestRequest, start: Values): Values {
  const axes = axesOf(space);
  const stream = new RandomStream(seed, `tuning.near.${number}`);
  const positions = axes.map((axis) => {
    const drawn = drawPosition(axis, stream);
    const isChanged = stream.nextFloat() < CHANGED;
    const [parameter, value] = [space[axis.name], start[axis.name]];
    const isKnown = parameter !== undefined && value !== undefined && isValueOf(parameter, value);
    return isKnown && !isChanged ? axis.positionOf(value) : drawn;
  });
  return valuesAt(Float64Array.from(positions), axes, space);
}

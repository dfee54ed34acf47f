import { RandomStream, type Seed } from '@gru4rec/random';
import { isValueOf, type JsonObject, type Space, type Values } from '../space.ts';
import type { Direction, TrialRecord } from '../trial.ts';
import { axesOf, drawPosition, valuesAt } from './axis.ts';

/** What a sampler bases a suggestion on. */
export interface SuggestRequest {
  readonly space: Space;
  /** Number of the new trial. */
  readonly number: number;
  readonly seed: Seed;
  readonly direction: Direction;
  /** All earlier trials, including running ones, in any order. */
  readonly trials: readonly TrialRecord[];
}

/** Chooses the values of the next trial. It has no state: equal requests have equal results. */
export interface Sampler {
  /** Name and options. They are stored with a study, which continues only with equal ones. */
  readonly settings: JsonObject;
  /** @returns one value per parameter of the space. */
  suggest(request: SuggestRequest): Values;
}

/** Random search (Bergstra, Bengio 2012, JMLR 13). The values depend only on the space, the seed and the trial's number. */
export function suggestAtRandom({ space, number, seed }: SuggestRequest): Values {
  const axes = axesOf(space);
  const stream = new RandomStream(seed, `tuning.random.${number}`);
  const positions = Float64Array.from(axes, (axis) => drawPosition(axis, stream));
  return valuesAt(positions, axes, space);
}

/** Probability that a value of the start is drawn anew. */
const CHANGED = 1 / 3;

/** Draws a third of the start's values anew, and those that the start lacks or has outside the space. */
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

import type { Seed } from '@gru4rec/random';
import type { JsonObject } from '../json.ts';
import type { Space, Values } from '../space.ts';
import type { Direction, TrialRecord } from '../trial.ts';

/** What a sampler may look at. */
export interface SuggestRequest {
  readonly space: Space;
  /** Of the trial that is to be run. */
  readonly number: number;
  readonly seed: Seed;
  readonly direction: Direction;
  /** The trials before, running ones too, in any order. */
  readonly trials: readonly TrialRecord[];
}

/** Picks the values of the next trial. Equal requests have equal answers: there is no state. */
export interface Sampler {
  /** Name and options. They are kept with a study, which goes on with equal ones alone. */
  readonly settings: JsonObject;
  suggest(request: SuggestRequest): Values;
}

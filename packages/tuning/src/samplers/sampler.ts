import type { Seed } from '@gru4rec/random';
import type { JsonObject } from '../json.ts';
import type { Space, Values } from '../space.ts';
import type { Direction, TrialRecord } from '../trial.ts';

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

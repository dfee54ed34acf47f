import type { Seed } from '@gru4rec/random';
import type { JsonObject } from '../json.ts';
import type { Space, Values } from '../space.ts';
import type { Direction, TrialRecord } from '../trial.ts';

/** The study as a sampler sees it. */
export interface SuggestRequest {
  readonly space: Space;
  /** Number of the trial to be run. */
  readonly number: number;
  readonly seed: Seed;
  readonly direction: Direction;
  /** The earlier trials, running ones included, in any order. */
  readonly trials: readonly TrialRecord[];
}

/** Picks the values of the next trial. Stateless: equal requests have equal answers. */
export interface Sampler {
  /** Name and options, stored with a study: it resumes only with equal ones. */
  readonly settings: JsonObject;
  /** @returns a value for every parameter of the space (fresh). */
  suggest(request: SuggestRequest): Values;
}

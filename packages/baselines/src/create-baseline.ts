import { checkHas, checkOptions, show } from '@gru4rec/checked-options';
import type { Scorer } from '@gru4rec/metrics';
import type { BaselineOptions } from './baseline-kind.ts';
import type { LearnedNeighbours } from './neighbour-scorer.ts';
import { type BaselineName, baselineKinds } from './registry.ts';
import { bytesOf, shareArrays } from './shared-arrays.ts';
import type { TrainingData } from './training-data.ts';

/** Every baseline, the simplest first. */
export const baselineNames: readonly BaselineName[] = Object.keys(baselineKinds) as BaselineName[];

/** A fitted baseline as plain values and typed arrays, from which another thread can open an equal one. */
export interface LearnedBaseline {
  readonly name: BaselineName;
  readonly options: BaselineOptions;
  readonly learned: object;
}

/** A baseline, ready to score. */
export interface Baseline extends Scorer {
  readonly from: LearnedBaseline;
  /** Bytes of its arrays, which all open sessions share. */
  readonly bytes: number;
  /** Of session-based nearest neighbours: number of indexed training sessions, and bytes of the index. */
  readonly index?: { readonly sessions: number; readonly bytes: number };
}

/**
 * Fits a baseline by its name.
 *
 * @param options - the options of the baseline's own function, which checks the values and fills in defaults.
 * @throws RangeError if there is no such baseline or option, or a value is outside its range.
 * @throws TypeError if the data lack what the baseline needs.
 */
export function createBaseline(name: string, data: TrainingData, options: BaselineOptions = {}): Baseline {
  if (!Object.hasOwn(baselineKinds, name)) {
    throw new RangeError(
      `createBaseline: "name" expected one of ${baselineNames.join(', ')}, got ${show(name)}.`,
    );
  }
  const { options: checks, learn } = baselineKinds[name as BaselineName];
  checkHas('createBaseline', 'data', data, ['support', 'train']);
  checkOptions<BaselineOptions>('createBaseline', options, checks);
  return openBaseline({ name: name as BaselineName, options, learned: learn(data, options) });
}

/**
 * Opens a baseline that was fitted in this thread or another.
 *
 * @param from - kept; must not be modified.
 */
export function openBaseline(from: LearnedBaseline): Baseline {
  const { name, options, learned } = from;
  const { index } = learned as Partial<LearnedNeighbours>;
  return {
    ...baselineKinds[name].score(learned, options),
    from,
    bytes: bytesOf(learned),
    ...(index && { index: { sessions: index.ageWeights.length, bytes: bytesOf(index) } }),
  };
}

/**
 * A fitted baseline in shared memory, so that posting it to threads makes no copies. An index of sessions is in shared
 * memory from the start; the rest, whose size depends only on the items, is copied.
 */
export function shareLearned({ name, options, learned }: LearnedBaseline): LearnedBaseline {
  return { name, options, learned: shareArrays(learned) };
}

/** A baseline's name in tables, and the name of its scorer. */
export function baselineTitle(name: BaselineName): string {
  return baselineKinds[name].title;
}

/** Whether a baseline's fit depends on a seed, its option `seed`. */
export function isSeeded(name: BaselineName): boolean {
  return 'seed' in baselineKinds[name].options;
}

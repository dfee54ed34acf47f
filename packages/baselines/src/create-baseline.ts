import { checkHas, checkOptions, show } from '@gru4rec/checks';
import type { Scorer } from '@gru4rec/metrics';
import type { BaselineData, BaselineKind, BaselineOptions } from './baseline-kind.ts';
import { arraysOf, bytesOf, type NamedArrays, shareArrays, treeOf } from './learned-arrays.ts';
import type { LearnedNeighbours } from './neighbour-scorer.ts';
import { type BaselineName, baselineKinds } from './registry.ts';

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
  /** For nearest neighbours by session: number of indexed training sessions, and bytes of the index. */
  readonly index?: { readonly sessions: number; readonly bytes: number };
}

/**
 * Fits a baseline by its name.
 *
 * @param data - `train.sessionStartTimes` is needed by R-POP and by session-based nearest neighbours.
 * @param options - `RecentPopOptions` of `r-pop`, `SequentialRulesOptions` of `sr`, `StanOptions` of `stan`, and so on.
 * @example
 * const nearest = createBaseline('v-sknn', dataset, { neighbours: 100 });
 * const { recall } = figuresAt(evaluate(nearest, test), 20);
 */
export function createBaseline(name: string, data: BaselineData, options: BaselineOptions = {}): Baseline {
  const { options: checks, learn } = kindOf('createBaseline', name);
  checkHas('createBaseline', 'data', data, ['support', 'train']);
  checkOptions<BaselineOptions>('createBaseline', options, checks);
  return openBaseline({ name: name as BaselineName, options, learned: learn(data, options) });
}

/** Opens a baseline that was fitted in this thread or another. @param from - kept; must not be modified. */
export function openBaseline(from: LearnedBaseline): Baseline {
  const { name, options, learned } = from;
  const { index } = learned as Partial<LearnedNeighbours>;
  return {
    name: baselineTitle(name),
    ...baselineKinds[name].score(learned, options),
    from,
    bytes: bytesOf(learned),
    ...(index && { index: { sessions: index.ageWeights.length, bytes: bytesOf(index) } }),
  };
}

/** Version of the arrays that `arraysOfBaseline` gives. A release that changes the arrays of a baseline has another. */
export const BASELINE_VERSION = 1;

/** The arrays of a fitted baseline by name, to be stored; not copied. */
export function arraysOfBaseline({ from }: Baseline): NamedArrays {
  return arraysOf(from.learned);
}

/**
 * Opens a baseline that was stored as the arrays of `arraysOfBaseline`, with the same scores.
 *
 * @param arrays - of this `BASELINE_VERSION`, exactly as they were stored. Kept, must not be modified.
 * @throws RangeError, TypeError in one line if there is no such baseline or option.
 */
export function restoreBaseline(
  { name, options }: { readonly name: string; readonly options: BaselineOptions },
  arrays: NamedArrays,
): Baseline {
  checkOptions<BaselineOptions>('restoreBaseline', options, kindOf('restoreBaseline', name).options);
  return openBaseline({ name: name as BaselineName, options, learned: treeOf(arrays) });
}

/** A fitted baseline in shared memory, so that posting it to threads makes no copies. */
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

function kindOf(caller: string, name: string): BaselineKind {
  if (Object.hasOwn(baselineKinds, name)) return baselineKinds[name as BaselineName];
  throw new RangeError(`${caller}: "name" expected one of ${baselineNames.join(', ')}, got ${show(name)}.`);
}

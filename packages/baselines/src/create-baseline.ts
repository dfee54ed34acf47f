import type { Scorer } from '@gru4rec/metrics';
import { associationRules } from './association-rules.ts';
import { bprMf } from './bpr-mf.ts';
import { itemKnn } from './item-knn.ts';
import { markov } from './markov.ts';
import { pop } from './pop.ts';
import { recentPop } from './recent-pop.ts';
import { sequentialRules } from './sequential-rules.ts';
import { sessionKnn } from './session-knn.ts';
import { sessionPop } from './session-pop.ts';
import { stan } from './stan.ts';
import type { TrainingData } from './training-data.ts';
import { vectorSessionKnn } from './vector-session-knn.ts';
import { vstan } from './vstan.ts';

/** Options of a baseline by name, as a file or a command line has them. */
export type BaselineOptions = Readonly<Record<string, unknown>>;

/** How a baseline is made, and the options that it has. */
interface BaselineKind {
  readonly title: string;
  readonly options: readonly string[];
  readonly make: (data: TrainingData, options: BaselineOptions) => Scorer;
}

const ruleNames = ['pruning', 'repeats'];
const neighbourNames = ['neighbours', 'sampleSize'];
const stanNames = [...neighbourNames, 'lambda1', 'lambda2', 'lambda3'];

/** A baseline, as files and command lines name it. */
export type BaselineName =
  | 'pop'
  | 'r-pop'
  | 's-pop'
  | 'markov'
  | 'sr'
  | 'ar'
  | 'item-knn'
  | 'bpr-mf'
  | 's-knn'
  | 'v-sknn'
  | 'stan'
  | 'vstan';

const kinds: Readonly<Record<BaselineName, BaselineKind>> = {
  pop: { title: 'POP', options: [], make: pop },
  'r-pop': { title: 'R-POP', options: ['days'], make: recentPop },
  's-pop': { title: 'S-POP', options: [], make: sessionPop },
  markov: { title: 'Markov', options: [], make: markov },
  sr: { title: 'SR', options: [...ruleNames, 'steps', 'weighting'], make: sequentialRules },
  ar: { title: 'AR', options: ruleNames, make: associationRules },
  'item-knn': { title: 'item-KNN', options: ['neighbours', 'lambda', 'alpha'], make: itemKnn },
  'bpr-mf': {
    title: 'BPR-MF',
    options: ['factors', 'epochs', 'learningRate', 'regularisation', 'seed'],
    make: bprMf,
  },
  's-knn': { title: 'S-KNN', options: [...neighbourNames, 'similarity'], make: sessionKnn },
  'v-sknn': {
    title: 'V-SKNN',
    options: [...neighbourNames, 'decay', 'scoreDecay', 'idfWeight'],
    make: vectorSessionKnn,
  },
  stan: { title: 'STAN', options: stanNames, make: stan },
  vstan: { title: 'VSTAN', options: [...stanNames, 'lambda4', 'idfWeight'], make: vstan },
};

/** Every baseline, the simplest first. */
export const baselineNames: readonly BaselineName[] = Object.keys(kinds) as BaselineName[];

/**
 * Makes a baseline by its name.
 *
 * @param options - those of the function that makes it; absent ones take their defaults. Values are checked there.
 * @throws RangeError if there is no such baseline or option, or a value is outside its range.
 * @throws TypeError if the data lack what the baseline needs.
 */
export function createBaseline(name: string, data: TrainingData, options: BaselineOptions = {}): Scorer {
  if (!Object.hasOwn(kinds, name)) {
    throw new RangeError(
      `createBaseline: "name" expected one of ${baselineNames.join(', ')}, got ${JSON.stringify(name)}.`,
    );
  }
  const kind = kinds[name as BaselineName];
  const unknown = Object.keys(options).find((option) => !kind.options.includes(option));
  if (unknown === undefined) return kind.make(data, options);
  const known = kind.options.length === 0 ? 'no options' : `options among ${kind.options.join(', ')}`;
  throw new RangeError(`createBaseline: ${name} expected ${known}, got ${JSON.stringify(unknown)}.`);
}

/** A baseline's name in tables, which its scorer has too. */
export function baselineTitle(name: BaselineName): string {
  return kinds[name].title;
}

/** Whether a baseline's fit depends on a seed, its option `seed`. */
export function isSeeded(name: BaselineName): boolean {
  return kinds[name].options.includes('seed');
}

import type { Scorer } from '@gru4rec/metrics';
import { associationCounting } from './association-rules.ts';
import { learnItemFactors, scoreByFactors } from './bpr-mf.ts';
import { learnItems, scoreByItems } from './item-knn.ts';
import { MARKOV_COUNTING } from './markov.ts';
import {
  type LearnedNeighbours,
  learnNeighbours,
  type NeighbourMethod,
  scoreByNeighbours,
} from './neighbour-scorer.ts';
import { scoreByPopularity } from './pop.ts';
import { learnRecent } from './recent-pop.ts';
import { learnRules, scoreByRules } from './rule-scorer.ts';
import type { PairCounting } from './rules.ts';
import { sequentialCounting } from './sequential-rules.ts';
import { sessionKnnMethod } from './session-knn.ts';
import { scoreBySession } from './session-pop.ts';
import { bytesOf, shareArrays } from './shared-arrays.ts';
import { stanMethod } from './stan.ts';
import { eventShares, type TrainingData } from './training-data.ts';
import { vectorSessionKnnMethod } from './vector-session-knn.ts';
import { vstanMethod } from './vstan.ts';

/** Options of a baseline by name, as a file or a command line has them. */
export type BaselineOptions = Readonly<Record<string, unknown>>;

/** How a baseline is made, and the options that it has. */
interface BaselineKind {
  readonly title: string;
  readonly options: readonly string[];
  /** @returns typed arrays, numbers and plain objects of them. */
  readonly learn: (data: TrainingData, options: BaselineOptions) => object;
  readonly score: (learned: object, options: BaselineOptions) => Scorer;
}

/** A kind whose `score` takes what its `learn` returns; the table of all kinds cannot know it. */
function kind<Learned extends object>(
  title: string,
  options: readonly string[],
  making: {
    readonly learn: (data: TrainingData, options: BaselineOptions) => Learned;
    readonly score: (learned: Learned, options: BaselineOptions) => Scorer;
  },
): BaselineKind {
  return { title, options, learn: making.learn, score: making.score as BaselineKind['score'] };
}

function ruleKind(
  title: string,
  options: readonly string[],
  countingBy: (options: BaselineOptions) => PairCounting,
): BaselineKind {
  return kind(title, options, {
    learn: (data, given) => learnRules(data, countingBy(given)),
    score: (learned) => scoreByRules(title, learned),
  });
}

function neighbourKind(
  title: string,
  options: readonly string[],
  methodBy: (options: BaselineOptions) => NeighbourMethod,
): BaselineKind {
  return kind(title, [...neighbourNames, ...options], {
    learn: (data, given) => learnNeighbours(data, methodBy(given)),
    score: (learned, given) => scoreByNeighbours(learned, methodBy(given)),
  });
}

const learnShares = ({ support }: TrainingData) => ({ shares: eventShares(support) });
const ruleNames = ['pruning', 'repeats'];
const neighbourNames = ['neighbours', 'sampleSize', 'indexSessions'];
const stanNames = ['lambda1', 'lambda2', 'lambda3'];

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
  pop: kind('POP', [], { learn: learnShares, score: (learned) => scoreByPopularity('POP', learned) }),
  'r-pop': kind('R-POP', ['days'], {
    learn: learnRecent,
    score: (learned) => scoreByPopularity('R-POP', learned),
  }),
  's-pop': kind('S-POP', [], { learn: learnShares, score: scoreBySession }),
  markov: ruleKind('Markov', [], () => MARKOV_COUNTING),
  sr: ruleKind('SR', [...ruleNames, 'steps', 'weighting'], sequentialCounting),
  ar: ruleKind('AR', ruleNames, associationCounting),
  'item-knn': kind('item-KNN', ['neighbours', 'lambda', 'alpha'], { learn: learnItems, score: scoreByItems }),
  'bpr-mf': kind('BPR-MF', ['factors', 'epochs', 'learningRate', 'regularisation', 'seed'], {
    learn: learnItemFactors,
    score: scoreByFactors,
  }),
  's-knn': neighbourKind('S-KNN', ['similarity'], sessionKnnMethod),
  'v-sknn': neighbourKind('V-SKNN', ['decay', 'scoreDecay', 'idfWeight'], vectorSessionKnnMethod),
  stan: neighbourKind('STAN', stanNames, stanMethod),
  vstan: neighbourKind('VSTAN', [...stanNames, 'lambda4', 'idfWeight'], vstanMethod),
};

/** Every baseline, the simplest first. */
export const baselineNames: readonly BaselineName[] = Object.keys(kinds) as BaselineName[];

/** What a baseline has learned: all that another thread needs to score as it does. Plain values and typed arrays. */
export interface LearnedBaseline {
  readonly name: BaselineName;
  readonly options: BaselineOptions;
  readonly learned: object;
}

/** A baseline, ready to score. */
export interface Baseline extends Scorer {
  readonly from: LearnedBaseline;
  /** Bytes that its arrays hold, shared by all sessions that are opened. */
  readonly bytes: number;
  /** Of the nearest neighbours of sessions: how many training sessions are indexed, and the bytes of the index. */
  readonly index?: { readonly sessions: number; readonly bytes: number };
}

/**
 * Makes a baseline by its name.
 *
 * @param options - those of the function that makes it; absent ones take their defaults. Values are checked there.
 * @throws RangeError if there is no such baseline or option, or a value is outside its range.
 * @throws TypeError if the data lack what the baseline needs.
 */
export function createBaseline(name: string, data: TrainingData, options: BaselineOptions = {}): Baseline {
  if (!Object.hasOwn(kinds, name)) {
    throw new RangeError(
      `createBaseline: "name" expected one of ${baselineNames.join(', ')}, got ${JSON.stringify(name)}.`,
    );
  }
  const { options: names, learn } = kinds[name as BaselineName];
  const unknown = Object.keys(options).find((option) => !names.includes(option));
  if (unknown === undefined)
    return openBaseline({ name: name as BaselineName, options, learned: learn(data, options) });
  const known = names.length === 0 ? 'no options' : `options among ${names.join(', ')}`;
  throw new RangeError(`createBaseline: ${name} expected ${known}, got ${JSON.stringify(unknown)}.`);
}

/**
 * Makes a baseline of what one has learned, here or in another thread.
 *
 * @param from - kept; not to be written to.
 */
export function openBaseline(from: LearnedBaseline): Baseline {
  const { name, options, learned } = from;
  const { index } = learned as Partial<LearnedNeighbours>;
  return {
    ...kinds[name].score(learned, options),
    from,
    bytes: bytesOf(learned),
    ...(index && { index: { sessions: index.ageWeights.length, bytes: bytesOf(index) } }),
  };
}

/**
 * What a baseline has learned, over shared memory, so that threads it is posted to need no copies. An index of sessions lies
 * there from the start; the rest, which grows with the items alone, is copied.
 */
export function shareLearned({ name, options, learned }: LearnedBaseline): LearnedBaseline {
  return { name, options, learned: shareArrays(learned) };
}

/** A baseline's name in tables, which its scorer has too. */
export function baselineTitle(name: BaselineName): string {
  return kinds[name].title;
}

/** Whether a baseline's fit depends on a seed, its option `seed`. */
export function isSeeded(name: BaselineName): boolean {
  return kinds[name].options.includes('seed');
}

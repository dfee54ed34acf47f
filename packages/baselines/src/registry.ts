import { associationRulesKind } from './association-rules.ts';
import type { BaselineKind } from './baseline-kind.ts';
import { bprMfKind } from './bpr-mf.ts';
import { itemKnnKind } from './item-knn.ts';
import { markovKind } from './markov.ts';
import { popKind } from './pop.ts';
import { recentPopKind } from './recent-pop.ts';
import { sequentialRulesKind } from './sequential-rules.ts';
import { sessionKnnKind } from './session-knn.ts';
import { sessionPopKind } from './session-pop.ts';
import { stanKind } from './stan.ts';
import { vectorSessionKnnKind } from './vector-session-knn.ts';
import { vstanKind } from './vstan.ts';

/** The baselines by their name in files and command lines, simplest first. */
export const baselineKinds = {
  pop: popKind as BaselineKind,
  'r-pop': recentPopKind as BaselineKind,
  's-pop': sessionPopKind as BaselineKind,
  markov: markovKind as BaselineKind,
  sr: sequentialRulesKind as BaselineKind,
  ar: associationRulesKind as BaselineKind,
  'item-knn': itemKnnKind as BaselineKind,
  'bpr-mf': bprMfKind as BaselineKind,
  's-knn': sessionKnnKind as BaselineKind,
  'v-sknn': vectorSessionKnnKind as BaselineKind,
  stan: stanKind as BaselineKind,
  vstan: vstanKind as BaselineKind,
};

/** Name of a baseline in files and command lines. */
export type BaselineName = keyof typeof baselineKinds;

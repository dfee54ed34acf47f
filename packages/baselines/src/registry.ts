import type { BaselineKind } from './baseline-kind.ts';
import { bprMfKind } from './bpr-mf.ts';
import { countsKind } from './counts.ts';
import { itemKnnKind } from './item-knn.ts';
import { sessionKnnKind, stanKind, vectorSessionKnnKind, vstanKind } from './neighbour-methods.ts';
import { popKind, recentPopKind, sessionPopKind } from './pop.ts';
import { associationRulesKind, markovKind, sequentialRulesKind } from './rule-methods.ts';

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
  counts: countsKind as BaselineKind,
};

/** Name of a baseline in files and command lines. */
export type BaselineName = keyof typeof baselineKinds;

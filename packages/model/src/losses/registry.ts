import { crossEntropy } from './cross-entropy.ts';
import type { Loss } from './loss.ts';
import { bpr, bprMax, top1, top1Max } from './pairwise.ts';

/** The losses by their name in configurations. */
export const losses = {
  'cross-entropy': crossEntropy as Loss,
  bpr: bpr as Loss,
  top1: top1 as Loss,
  'bpr-max': bprMax as Loss,
  'top1-max': top1Max as Loss,
};

/** Name of a loss in configurations. */
export type LossName = keyof typeof losses;

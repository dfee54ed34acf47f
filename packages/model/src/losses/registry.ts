import { bpr } from './bpr.ts';
import { bprMax } from './bpr-max.ts';
import { crossEntropy } from './cross-entropy.ts';
import type { Loss } from './loss.ts';
import { top1 } from './top1.ts';
import { top1Max } from './top1-max.ts';

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

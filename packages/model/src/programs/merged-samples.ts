import {
  DistinctSamples,
  expectedDistinct,
  type PopularitySampler,
  type SamplingKernels,
} from '@gru4rec/sampler';
import type { StepConfig } from './step-config.ts';

/** Merging pays if it leaves less than this share of the columns. */
const MERGED_SHARE_LIMIT = 0.97;
/** The capacity in standard deviations above the expected number of distinct items. A step with more runs unmerged. */
const CAPACITY_DEVIATIONS = 3;
/** Capacities are multiples of this many columns. */
const CAPACITY_MULTIPLE = 16;

/**
 * What merges equal samples of a step, for almost every step; undefined if that would leave almost as many columns.
 */
export function mergerFor(
  negatives: PopularitySampler,
  nSample: number,
  kernels?: SamplingKernels,
): DistinctSamples | undefined {
  const { itemCount } = negatives;
  const { mean, deviation } = expectedDistinct((item) => negatives.probability(item), itemCount, nSample);
  const wanted = Math.min(itemCount, Math.ceil(mean + CAPACITY_DEVIATIONS * deviation));
  const capacity = Math.ceil(wanted / CAPACITY_MULTIPLE) * CAPACITY_MULTIPLE;
  return capacity < MERGED_SHARE_LIMIT * nSample
    ? new DistinctSamples(itemCount, capacity, kernels)
    : undefined;
}

/**
 * What merges equal samples of a training, to be tried in order.
 *
 * @returns nothing without samples or if merging does not pay. With `hardNegatives` the last one merges any step, because
 *   that loss counts columns.
 */
export function mergersFor(
  negatives: PopularitySampler | undefined,
  { nSample, hardNegatives }: Pick<StepConfig, 'nSample' | 'hardNegatives'>,
  kernels?: SamplingKernels,
): DistinctSamples[] {
  if (!negatives) return [];
  const { itemCount } = negatives;
  const most = Math.min(itemCount, Number(nSample));
  const few = mergerFor(negatives, Number(nSample), kernels);
  if (hardNegatives === 0) return few ? [few] : [];
  const all = new DistinctSamples(itemCount, most, kernels);
  return few && few.items.length < most ? [few, all] : [all];
}

import {
  DistinctSamples,
  expectedDistinct,
  type PopularitySampler,
  type SamplingKernels,
} from '@gru4rec/sampler';

/** Merging pays if it leaves less than this share of the columns. */
const MERGED_SHARE_LIMIT = 0.97;
/** The capacity in standard deviations above the expected number of distinct items. A step with more runs unmerged. */
const CAPACITY_DEVIATIONS = 3;
/** Capacities are multiples of this many columns. */
const CAPACITY_MULTIPLE = 16;

/**
 * What merges equal samples of a step; undefined if that would leave almost as many columns.
 * @param always - whether every step must run merged, for a loss that counts columns.
 */
export function mergerFor(
  negatives: PopularitySampler | undefined,
  nSample: number,
  kernels?: SamplingKernels,
  always = false,
): DistinctSamples | undefined {
  if (!negatives) return undefined;
  const { itemCount } = negatives;
  if (always) return new DistinctSamples(itemCount, Math.min(itemCount, nSample), kernels);
  const { mean, deviation } = expectedDistinct((item) => negatives.probability(item), itemCount, nSample);
  const wanted = Math.min(itemCount, Math.ceil(mean + CAPACITY_DEVIATIONS * deviation));
  const capacity = Math.ceil(wanted / CAPACITY_MULTIPLE) * CAPACITY_MULTIPLE;
  return capacity < MERGED_SHARE_LIMIT * nSample
    ? new DistinctSamples(itemCount, capacity, kernels)
    : undefined;
}

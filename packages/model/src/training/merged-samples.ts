import { DistinctSamples, expectedDistinct, type PopularitySampler } from '@gru4rec/sampler';

/** Columns are worth merging from this share of equal ones on. */
const WORTH = 0.97;
/** Spreads above the expectation that the merged program takes; a step with more distinct items runs unmerged. */
const SPREADS = 3;
/** Capacities are multiples of this many columns. */
const MULTIPLE = 16;

/** Merges a step's samples if that leaves noticeably fewer columns; undefined if not. */
export function mergerFor(
  negatives: PopularitySampler | undefined,
  nSample: number,
): DistinctSamples | undefined {
  if (!negatives) return undefined;
  const { itemCount } = negatives;
  const { mean, deviation } = expectedDistinct((item) => negatives.probability(item), itemCount, nSample);
  const wanted = Math.min(itemCount, Math.ceil(mean + SPREADS * deviation));
  const capacity = Math.ceil(wanted / MULTIPLE) * MULTIPLE;
  return capacity < WORTH * nSample ? new DistinctSamples(itemCount, capacity) : undefined;
}

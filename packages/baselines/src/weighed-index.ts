import type { SessionIndex } from './session-index.ts';
import type { SessionWeights } from './session-weights.ts';
import { sharedFloat64 } from './shared-arrays.ts';

/** An index with weights of its sessions and items. */
export interface WeighedIndex extends Omit<SessionIndex, 'ages'> {
  /** [sessions] */
  readonly ageWeights: Float64Array;
  /** [I] */
  readonly itemWeights: Float64Array;
}

/**
 * Weights the sessions of an index by their age, and its items by how rare they are.
 *
 * @param index - must not be used afterwards: its ages are overwritten with the weights.
 */
export function weighIndex({ ages, ...index }: SessionIndex, weights: SessionWeights): WeighedIndex {
  const ageWeights = ages;
  for (let session = 0; session < ages.length; session++) ageWeights[session] = weights.age(ages[session]);
  const { offsets } = index.sessionsOf;
  const itemWeights = sharedFloat64(offsets.length - 1);
  for (let item = 0; item < itemWeights.length; item++)
    itemWeights[item] = weights.item(offsets[item + 1] - offsets[item], ages.length);
  return { ...index, ageWeights, itemWeights };
}

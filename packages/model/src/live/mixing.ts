import { cosine, type ItemVectors, type Reordering, unitVectors } from '@gru4rec/metrics';
import type { BestItems } from './live-engine.ts';

/** How many of the best items are mixed for variety. The others come after them. */
export const MIXED_ITEMS = 200;

/** What lists are mixed by. */
export interface Mixing {
  /** From 0, only relevance, to 1, only distance. */
  readonly variety: number;
  readonly vectors: ItemVectors;
}

/**
 * The places of a list by maximal marginal relevance (Carbonell, Goldstein 1998, SIGIR; their λ is 1 − variety). The next one has the
 * greatest
 *
 * (1 − variety) · relevance(i) − variety · max over the places j before it of cosine(i, j)
 *
 * where relevance(i) = (score − lowest) / (highest − lowest) of the mixed items, whatever the scale of scores. Values only fall, so an
 * item whose last value is not the best needs no new cosines (Minoux 1978).
 */
export function* mixedPlaces(
  { items, scores }: BestItems,
  { variety, vectors }: Mixing,
): Generator<number, void> {
  const length = Math.min(items.length, MIXED_ITEMS);
  const units = unitVectors(items.subarray(0, length), vectors);
  const lowest = scores[length - 1];
  const scale = scores[0] > lowest ? (1 - variety) / (scores[0] - lowest) : 0;
  // No cosine is as low.
  const nearest = new Float64Array(length).fill(-1.001);
  const valueAt = (at: number) => scale * (scores[at] - lowest) - variety * nearest[at];
  const values = Float64Array.from(nearest, (_, at) => valueAt(at));
  const compared = new Int32Array(length);
  const taken = new Int32Array(length);
  for (let count = 0; count < length; count++) {
    let next = -1;
    for (let at = 0; at < length; at++) {
      if (next >= 0 && !(values[at] > values[next])) continue;
      for (; compared[at] < count; compared[at]++) {
        nearest[at] = Math.max(nearest[at], cosine(units, vectors.width, at, taken[compared[at]]));
        values[at] = valueAt(at);
      }
      if (next < 0 || values[at] > values[next]) next = at;
    }
    yield next;
    values[next] = Number.NEGATIVE_INFINITY;
    compared[next] = length;
    taken[count] = next;
  }
  for (let at = length; at < items.length; at++) yield at;
}

/** Mixes the lists of an evaluation as those of sessions. */
export function reorderForVariety(mixing: Mixing): Reordering {
  return (items, scores, n) => {
    const places = mixedPlaces({ items, scores }, mixing);
    return Int32Array.from({ length: Math.min(n, items.length) }, () => items[places.next().value ?? 0]);
  };
}

/** A caller's order of the allowed items, mixed with that of the model. */
export interface RankFusion {
  /** Of the model's ranks; the caller's have the rest to 1. */
  readonly weight: number;
  /** The caller's, from 1, by item index. */
  readonly ranks: ReadonlyMap<number, number>;
}

/**
 * Reciprocal rank fusion (Cormack, Clarke, Büttcher 2009, SIGIR) with weights: score = weight / (60 + rank by the model) +
 * (1 − weight) / (60 + rank by the caller); equal ones by the model's rank.
 */
export function fuseRanks({ items }: BestItems, { weight, ranks }: RankFusion): BestItems {
  const scores = Float64Array.from(items, (item, at) => {
    return weight / (60 + at + 1) + (1 - weight) / (60 + (ranks.get(item) ?? Number.POSITIVE_INFINITY));
  });
  const places = Int32Array.from(items.keys()).sort((a, b) => scores[b] - scores[a]);
  return atPlaces({ items, scores }, places);
}

export function atPlaces({ items, scores }: BestItems, places: Int32Array): BestItems {
  return { items: places.map((at) => items[at]), scores: Float64Array.from(places, (at) => scores[at]) };
}

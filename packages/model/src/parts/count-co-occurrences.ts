import { findNeighbours } from '@gru4rec/batcher';
import type { FloatArray } from '@gru4rec/program';
import { type StoredTensor, valuesOf } from '../storage/tensors.ts';
import { latestFirst } from '../training/latest-sessions.ts';
import { eventsOf, type TrainingData } from '../training/training-data.ts';
import { emptyPairs, pairColumns, pairNames, pairsPerItem } from './pair-tables.ts';

/** [I × 1] n, the weights of the sessions with each item, by which counting goes on. */
export const SESSION_WEIGHTS = 'co-occurrences.sessions';

/** The most distinct items of a session that count, the last ones, and the most items of all sessions, the latest ones. */
const MOST_PER_SESSION = 50;
const MOST_COUNTED = 2 ** 25;
const LAMBDA = 3;

/** How much sessions count that a model learnt before. */
const BEFORE = 0.9;

/** How much a session counts, by the number of its distinct items. */
export function sessionWeight(items: number): number {
  return 1 / Math.sqrt(Math.max(1, items - 1));
}

/** sim(i, j) = X_ij / √((n_i + 3) (n_j + 3)), X_ij the weights of the sessions with both. @returns the root. */
export function similarityScale(weights: FloatArray, item: number, other: number): number {
  return Math.sqrt((weights[item] + LAMBDA) * (weights[other] + LAMBDA));
}

/** Counts the tables [I × N] by `findNeighbours`, on from those before; none with a single item, or too many. */
export async function countCoOccurrences(
  { itemIds, train }: TrainingData,
  before: readonly StoredTensor[] = [],
): Promise<StoredTensor[]> {
  const itemCount = itemIds.length;
  const members = new Int32Array(Math.min(MOST_COUNTED, eventsOf(train)));
  const ends = [0];
  let end = 0;
  for await (const session of latestFirst(train)) {
    const distinct = [...new Set(session.toReversed())].slice(0, MOST_PER_SESSION);
    if (end + distinct.length > members.length) break;
    members.set(distinct, end);
    end += distinct.length;
    ends.push(end);
  }
  const cols = pairsPerItem(itemCount);
  if (cols === 0) return [];
  const sets = { offsets: Int32Array.from(ends), members: members.subarray(0, end) };
  const options = { neighbours: cols, lambda: LAMBDA, weigh: sessionWeight };
  const counted = findNeighbours(sets, itemCount, options);
  const [weights, weightsBefore] = [new Float32Array(itemCount), new Float32Array(itemCount)];
  weightsBefore.set(valuesOf(before, SESSION_WEIGHTS));
  for (let session = 0; session + 1 < ends.length; session++) {
    const weight = sessionWeight(ends[session + 1] - ends[session]);
    for (const item of members.subarray(ends[session], ends[session + 1])) weights[item] += weight;
  }
  const all = weights.map((weight, item) => weight + BEFORE * weightsBefore[item]);
  const tables = emptyPairs('co-occurrences', itemCount, cols);
  const names = pairNames('co-occurrences');
  const itemsBefore = valuesOf(before, names.items);
  const similaritiesBefore = valuesOf(before, names.similarities);
  const colsBefore = pairColumns('co-occurrences', before) ?? 0;
  for (let item = 0; item < itemCount; item++) {
    const shared = new Map<number, number>();
    for (let at = counted.offsets[item]; at < counted.offsets[item + 1]; at++) {
      const other = counted.items[at];
      shared.set(other, counted.similarities[at] * similarityScale(weights, item, other));
    }
    const endBefore = Math.min((item + 1) * colsBefore, itemsBefore.length);
    for (let at = item * colsBefore; at < endBefore; at++) {
      const other = itemsBefore[at];
      const sum = BEFORE * similaritiesBefore[at] * similarityScale(weightsBefore, item, other);
      if (sum > 0) shared.set(other, (shared.get(other) ?? 0) + sum);
    }
    const best = Array.from(shared, ([other, sum]) => [other, sum / similarityScale(all, item, other)])
      .sort((a, b) => b[1] - a[1] || a[0] - b[0])
      .slice(0, cols);
    for (const [at, pair] of best.entries())
      for (const [t, { values }] of tables.entries()) values[item * cols + at] = pair[t];
  }
  return [...tables, { name: SESSION_WEIGHTS, kind: 'slot', rows: itemCount, cols: 1, values: all }];
}

import { rankOf } from '../src/rank.ts';
import type { Scorer, TargetRanks } from '../src/scorer.ts';
import { topItems } from '../src/top-items.ts';

/** A scorer that gives the same scores for any input. */
export function constantScorer(row: readonly number[]): Scorer {
  return {
    name: 'constant',
    itemCount: row.length,
    open: (slots) => ({
      step: () => Float64Array.from({ length: slots * row.length }, (_, index) => row[index % row.length]),
      close() {},
    }),
  };
}

/** The inputs of a {@link historyScorer}, and whether it was closed. */
export interface Fed {
  readonly inputs: number[][];
  readonly resets: number[][];
  closed: boolean;
}

/**
 * A scorer whose scores depend on all inputs of a slot since its last reset, so that a missing or wrong reset
 * changes them. It reuses one array.
 */
export function historyScorer(itemCount: number): Scorer & { readonly fed: Fed } {
  const fed: Fed = { inputs: [], resets: [], closed: false };
  return {
    name: 'history',
    itemCount,
    fed,
    open(slots) {
      const scores = new Float32Array(slots * itemCount);
      const hashes = new Int32Array(slots);
      return {
        step(input, resetMask) {
          fed.inputs.push([...input]);
          fed.resets.push([...resetMask]);
          for (let slot = 0; slot < slots; slot++) {
            if (resetMask[slot] === 1) hashes[slot] = 0;
            hashes[slot] = Math.imul(hashes[slot] + input[slot] + 1, 0x9e3779b1);
            for (let item = 0; item < itemCount; item++) {
              scores[slot * itemCount + item] = Math.imul(hashes[slot] ^ item, 0x85ebca6b) >>> 28;
            }
          }
          return scores;
        },
        close() {
          fed.closed = true;
        },
      };
    },
  };
}

/** The same scorer with its own ranking; `ranked` counts the calls. */
export function rankingScorer(scorer: Scorer): Scorer & { readonly ranked: { calls: number } } {
  const ranked = { calls: 0 };
  return {
    name: scorer.name,
    itemCount: scorer.itemCount,
    ranked,
    open(slots) {
      const session = scorer.open(slots);
      return {
        step: (input, resetMask) => session.step(input, resetMask),
        rank(input, resetMask, target, k) {
          ranked.calls++;
          return targetRanksOf(session.step(input, resetMask), target, k);
        },
        close: () => session.close(),
      };
    },
  };
}

function targetRanksOf(scores: Float32Array | Float64Array, target: Int32Array, k: number): TargetRanks {
  const slots = target.length;
  const itemCount = scores.length / slots;
  const [better, equal] = [new Float32Array(slots), new Float32Array(slots)];
  const top = new Int32Array(k * slots).fill(-1);
  for (let slot = 0; slot < slots; slot++) {
    const row = scores.subarray(slot * itemCount, (slot + 1) * itemCount);
    const nan = row.findIndex((score) => Number.isNaN(score));
    if (nan >= 0) [better[slot], equal[slot]] = [Number.NaN, nan];
    if (nan >= 0 || target[slot] < 0) continue;
    better[slot] = rankOf(row, target[slot], 'standard') - 1;
    equal[slot] = rankOf(row, target[slot], 'conservative') - better[slot];
    for (const [place, item] of topItems(row, k).entries()) top[place * slots + slot] = item;
  }
  return { better, equal, top };
}

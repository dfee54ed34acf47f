import type { Scorer } from '../src/scorer.ts';

/** A scorer with one row of scores for whatever it is fed. */
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

/** What a {@link historyScorer} is fed, and whether it was closed. */
export interface Fed {
  readonly inputs: number[][];
  readonly resets: number[][];
  closed: boolean;
}

/**
 * A scorer whose scores depend on all that a slot was fed since its last reset, so that a missing or wrong reset
 * shows. It reuses one array.
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

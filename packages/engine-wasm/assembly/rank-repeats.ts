import { BLOCK } from './rank-counts';

// What a share of `rankProduct` keeps to add a bias to the scores of its slots' histories: per block of rows the number
// of its first entry (0: none), then the entries, from number 1 on.

/** Bytes of an entry: row, number of the slot in the share, value, number of the next one of its block. */
const ENTRY: usize = 16;

/** Bytes of the first entries' numbers. */
@inline
function firstBytes(n: i32): usize {
  return ((<usize>((n + BLOCK - 1) / BLOCK) + 3) & ~3) << 2;
}

/** Bytes for the histories of `slots`, of `places` rows each; none without places. */
export function rankRepeatsBytes(n: i32, slots: i32, places: i32): usize {
  return places == 0 ? 0 : firstBytes(n) + ENTRY * (slots * places + 1);
}

/**
 * Chains the places of the histories of m slots by block, in order. mine: numbers of the slots. Rows outside 0 … n − 1 are
 * none.
 */
export function chainRepeats(chains: usize, n: i32, mine: usize, m: i32, history: usize, strideHistory: usize, values: usize, strideValues: usize, places: i32): void {
  const first = firstBytes(n);
  memory.fill(chains, 0, first);
  let number = 0;
  for (let s = m - 1; s >= 0; s--) {
    const b = load<u32>(mine + (<usize>s << 2));
    for (let j = places - 1; j >= 0; j--) {
      const row = load<i32>(history + strideHistory * b + (<usize>j << 2));
      if (row < 0 || row >= n) continue;
      const entry = chains + first + ENTRY * ++number;
      const head = chains + (<usize>(row / BLOCK) << 2);
      store<i32>(entry, row);
      store<i32>(entry, s, 4);
      store<f32>(entry, load<f32>(values + strideValues * b + (<usize>j << 2)), 8);
      store<i32>(entry, load<i32>(head), 12);
      store<i32>(head, number);
    }
  }
}

/** Adds the bias to the block of scores that starts at row `from`. `scores` is where row 0 would be. */
export function addRepeatsToBlock(chains: usize, n: i32, scores: usize, width: usize, from: i32): void {
  const entries = chains + firstBytes(n);
  for (let number = load<i32>(chains + (<usize>(from / BLOCK) << 2)); number != 0; ) {
    const entry = entries + ENTRY * number;
    const at = scores + width * load<i32>(entry) + (<usize>load<u32>(entry, 4) << 2);
    store<f32>(at, load<f32>(at) + load<f32>(entry, 8));
    number = load<i32>(entry, 12);
  }
}

/** Adds the bias to the scores of the targets, one per slot. */
export function addRepeatsToTargets(scores: usize, target: usize, mine: usize, m: i32, history: usize, strideHistory: usize, values: usize, strideValues: usize, places: i32): void {
  for (let s: usize = 0; s < <usize>m; s++) {
    const b = load<u32>(mine + (s << 2));
    const row = load<i32>(target + (b << 2));
    const at = scores + (s << 2);
    for (let j: usize = 0; j < <usize>places; j++) {
      if (load<i32>(history + strideHistory * b + (j << 2)) != row) continue;
      store<f32>(at, load<f32>(at) + load<f32>(values + strideValues * b + (j << 2)));
    }
  }
}

import { hi, lo, shareNumber } from './share';

/** Rows per block. 64 rows of 100 slots stay in the nearest caches while their vectors are processed. */
export const BLOCK: i32 = 64;

// The counts that a share keeps, as rows of whole vectors over its slots: the scores of the targets, the numbers of
// greater and of equal scores, and whether a score is NaN.

/** Number of rows in the counts of a share. */
export const COUNT_ROWS: i32 = 4;
export const BETTER: i32 = 1;
export const EQUAL: i32 = 2;
export const NAN: i32 = 3;

/** Bytes of a row of whole vectors over `slots`. */
@inline
export function widthOf(slots: i32): usize {
  return <usize>((slots + 3) >> 2) << 4;
}

/** Bytes of a share's counts. */
@inline
export function rankSharesShareBytes(slots: i32): usize {
  return widthOf(slots) * COUNT_ROWS;
}

/**
 * First half of `rank-counts`, split by rows. Each share counts in `parts` how many of its rows have a greater score
 * than the target and how many an equal one. scores [n][slots], target i32 [slots]. A single column is dense: the other
 * lanes of its vectors are counted and never read.
 */
export function rankShares(scores: usize, stride: usize, n: i32, slots: i32, target: usize, parts: usize): void {
  const width = widthOf(slots);
  const part = parts + rankSharesShareBytes(slots) * shareNumber();
  memory.fill(part, 0, width * COUNT_ROWS);
  for (let b = 0; b < slots; b++) {
    const row = load<i32>(target + (<usize>b << 2));
    if (row >= 0) store<f32>(part + (<usize>b << 2), load<f32>(scores + stride * row + (<usize>b << 2)));
  }
  for (let i = lo(n), to = hi(n); i < to; i += BLOCK) countBlock(scores, stride, i, min(i + BLOCK, to), width, part);
}

export function countBlock(scores: usize, stride: usize, from: i32, to: i32, width: usize, part: usize): void {
  for (let o: usize = 0; o < width; o += 16) {
    const p = part + o;
    const own = v128.load(p);
    let better = v128.load(p + width * BETTER);
    let equal = v128.load(p + width * EQUAL);
    let nan = v128.load(p + width * NAN);
    let s = scores + stride * from + o;
    for (let i = from; i < to; i++, s += stride) {
      const x = v128.load(s);
      // A true comparison is −1.
      better = i32x4.sub(better, f32x4.gt(x, own));
      equal = i32x4.sub(equal, f32x4.eq(x, own));
      nan = v128.or(nan, f32x4.ne(x, x));
    }
    v128.store(p + width * BETTER, better);
    v128.store(p + width * EQUAL, equal);
    v128.store(p + width * NAN, nan);
  }
}

/**
 * Second half, by one thread: out [2][slots] = the sums over `shares`, or NaN and the first row with NaN if there is
 * one.
 */
export function rankMerge(scores: usize, stride: usize, n: i32, slots: i32, target: usize, parts: usize, shares: i32, out: usize, outStride: usize): void {
  const width = widthOf(slots);
  for (let b = 0; b < slots; b++) {
    const o = <usize>b << 2;
    let better = 0;
    let equal = 0;
    let nan = 0;
    for (let t = 0; t < shares; t++) {
      const p = parts + rankSharesShareBytes(slots) * t + o;
      better += load<i32>(p + width * BETTER);
      equal += load<i32>(p + width * EQUAL);
      nan |= load<i32>(p + width * NAN);
    }
    const live = load<i32>(target + o) >= 0;
    if (live && nan != 0) writeCounts(out + o, outStride, NaN, <f32>firstNaN(scores + o, stride, 0, n));
    else writeCounts(out + o, outStride, live ? <f32>better : 0, live ? <f32>equal : 0);
  }
}

@inline
export function writeCounts(out: usize, outStride: usize, better: f32, equal: f32): void {
  store<f32>(out, better);
  store<f32>(out + outStride, equal);
}

/** The first of rows from … to − 1 that is NaN, or `to`. */
export function firstNaN(x: usize, stride: usize, from: i32, to: i32): i32 {
  let i = from;
  while (i < to && !isNaN(load<f32>(x + stride * i))) i++;
  return i;
}

import { oneDot } from './products';
import { BLOCK_ITEMS, blockBytes, BYTE_ZERO, greatest, LEAST_SCALE, MOST_BOUNDED, NORM_SLACK, UNIT_SLACK } from './quantize';
import { widthOf } from './rank-counts';
import { hi, lo, shareNumber } from './share';
import { enterList, startLists, topSharesShareBytes } from './top-lists';

// What a share keeps per slot: the integers of the hidden state, and a row of each number below over all slots.

/** The scale of the integers. */
const SCALE: i32 = 0;
/** The norm of the hidden state. */
const NORM: i32 = 1;
/** The norm of what its integers leave out, and what float32 products round off. */
const ERROR: i32 = 2;
/** The int32 at which sums start: −64 times the sum of the integers, because the bytes of the copy are 64 too great. */
const START: i32 = 3;
const NUMBER_ROWS: i32 = 4;

/** Blocks per turn of a slot: they stay in the first-level cache for the next slot. */
const RUN: i32 = 8;

/** Rows that wait to be scored, so that they are fetched at once; a slot and a row each. */
const WAITING: i32 = 16;
/** Bytes of the waiting rows, and of a word that keeps their fetches from being left out. */
const QUEUE_BYTES: usize = <usize>WAITING * 8 + 4;

/** The greatest magnitude of an integer of the hidden state. In relaxed SIMD, 16 bits hold four products: 4 · 127 · 63. */
const MOST: f32 = ASC_FEATURE_RELAXED_SIMD ? 63 : 127;
/** In units of a row's scale. Covers underflow. */
const LEAST_BOUND: f32 = 1e-6;

/** Bytes of the integers of a slot: whole groups of four. */
@inline
function integerBytes(inner: i32): usize {
  return <usize>((inner + 3) & ~3);
}

/** Bytes of a share: the numbers, the integers, then the waiting rows, rounded up to whole cache lines. */
export function screenTopShareBytes(inner: i32, slots: i32): usize {
  return (widthOf(slots) * NUMBER_ROWS + integerBytes(inner) * slots + QUEUE_BYTES + 63) & ~63;
}

/**
 * Lists the k best rows of table·hiddenᵀ + bias per slot in `lists`, as `topShares` does, split by blocks of the int8
 * copy. A score is at most a·(c·(q·p) + X) + bias, where c and p are scale and integers of the hidden state, and X is its
 * norm times the block's greatest error, plus its own error times the block's greatest norm (Cauchy–Schwarz). Only rows
 * whose bound exceeds the k-th best score so far are scored in float32, by the dot product of `rowDots`.
 */
export function screenTop(copy: usize, norms: usize, blocks: i32, table: usize, stride: usize, n: i32, inner: i32, bias: usize, hidden: usize, ldh: usize, slots: i32, k: i32, lists: usize, parts: usize): void {
  const width = widthOf(slots);
  const list = lists + topSharesShareBytes(slots, k) * shareNumber();
  const numbers = parts + screenTopShareBytes(inner, slots) * shareNumber();
  const integers = numbers + width * NUMBER_ROWS;
  const queue = integers + integerBytes(inner) * slots;
  const bytes = blockBytes(inner);
  let waiting = 0;
  startLists(list, width, slots, k);
  for (let s: usize = 0; s < <usize>slots; s++) quantizeSlot(hidden + ldh * s, inner, numbers + (s << 2), width, integers + integerBytes(inner) * s);
  for (let from = lo(blocks), end = hi(blocks); from < end; from += RUN) {
    const to = min(from + RUN, end);
    for (let s: usize = 0; s < <usize>slots; s++) {
      const number = numbers + (s << 2);
      const scale = load<f32>(number);
      const slotNorm = load<f32>(number + width * NORM);
      const slotError = load<f32>(number + width * ERROR);
      const start = load<i32>(number + width * START);
      const own = integers + integerBytes(inner) * s;
      for (let block = from; block < to; block++) {
        const greatest = norms + (<usize>block << 3);
        const bound = load<f32>(greatest) * slotNorm + load<f32>(greatest, 4) * slotError + LEAST_BOUND;
        let bits = candidates(copy + bytes * block, bytes, own, start, scale, bound, load<f32>(list + (s << 2)));
        for (; bits != 0; bits &= bits - 1) {
          const row = block * BLOCK_ITEMS + ctz(bits);
          if (row >= n) break;
          store<i32>(queue + (waiting << 3), <i32>s);
          store<i32>(queue + (waiting << 3), row, 4);
          if (++waiting < WAITING) continue;
          scoreWaiting(queue, waiting, table, stride, inner, bias, hidden, ldh, k, list, width);
          waiting = 0;
        }
      }
    }
  }
  scoreWaiting(queue, waiting, table, stride, inner, bias, hidden, ldh, k, list, width);
}

/** Scores the waiting rows, and lists those above the threshold of their slot. */
function scoreWaiting(queue: usize, waiting: i32, table: usize, stride: usize, inner: i32, bias: usize, hidden: usize, ldh: usize, k: i32, list: usize, width: usize): void {
  const end = queue + (waiting << 3);
  let fetched = 0;
  for (let at = queue; at < end; at += 8) {
    const row = table + stride * load<i32>(at, 4);
    for (let line: usize = 0; line < <usize>inner << 2; line += 64) fetched |= load<i32>(row + line);
  }
  store<i32>(queue + (WAITING << 3), fetched);
  for (let at = queue; at < end; at += 8) {
    const s = <usize>load<i32>(at);
    const row = load<i32>(at, 4);
    const score = oneDot(table + stride * row, hidden + ldh * s, inner) + load<f32>(bias + (<usize>row << 2));
    if (score > load<f32>(list + (s << 2))) enterList(list, width, s, k, score, row);
  }
}

/** Rounds a hidden state to integers, and writes its numbers. */
function quantizeSlot(x: usize, inner: i32, numbers: usize, width: usize, integers: usize): void {
  const most = greatest(x, inner);
  const bounded = most <= MOST_BOUNDED;
  const scale = bounded ? max(most / MOST, LEAST_SCALE) : 0;
  let squares: f32 = 0;
  let errors: f32 = 0;
  let sum = 0;
  memory.fill(integers, 0, integerBytes(inner));
  for (let j: usize = 0; bounded && j < <usize>inner; j++) {
    const exact = load<f32>(x + (j << 2)) / scale;
    const integer = nearest(exact);
    squares += exact * exact;
    errors += (exact - integer) * (exact - integer);
    sum += <i32>integer;
    store<i8>(integers + j, <i8>integer);
  }
  const norm = bounded ? scale * NORM_SLACK * sqrt<f32>(squares) : <f32>Infinity;
  // 2⁻²⁴ per addition, and a few for the bound itself.
  const rounding = <f32>(inner + 16) * 7.5e-8;
  store<f32>(numbers + width * SCALE, scale);
  store<f32>(numbers + width * NORM, norm);
  store<f32>(numbers + width * ERROR, scale * (NORM_SLACK * sqrt<f32>(errors) + UNIT_SLACK * sqrt<f32>(<f32>inner)) + rounding * norm);
  store<i32>(numbers + width * START, -BYTE_ZERO * sum);
}

/** A bit per row of a block whose bound is not at most `threshold`. */
@inline
function candidates(block: usize, bytes: usize, integers: usize, start: i32, scale: f32, bound: f32, threshold: f32): i32 {
  let a = i32x4.splat(start);
  let b = a;
  let c = a;
  let d = a;
  let p = block + 64;
  const end = block + bytes;
  if (ASC_FEATURE_RELAXED_SIMD) {
    for (; p + 64 < end; p += 128, integers += 8) {
      const x = v128.load32_splat(integers);
      const y = v128.load32_splat(integers, 4);
      a = addPairs(i16x8.add(pairSums(v128.load(p), x), pairSums(v128.load(p, 64), y)), a);
      b = addPairs(i16x8.add(pairSums(v128.load(p, 16), x), pairSums(v128.load(p, 80), y)), b);
      c = addPairs(i16x8.add(pairSums(v128.load(p, 32), x), pairSums(v128.load(p, 96), y)), c);
      d = addPairs(i16x8.add(pairSums(v128.load(p, 48), x), pairSums(v128.load(p, 112), y)), d);
    }
  }
  for (; p < end; p += 64, integers += 4) {
    const x = v128.load32_splat(integers);
    a = dotBytes(v128.load(p), x, a);
    b = dotBytes(v128.load(p, 16), x, b);
    c = dotBytes(v128.load(p, 32), x, c);
    d = dotBytes(v128.load(p, 48), x, d);
  }
  a = atMost(block, a, scale, bound, threshold);
  b = atMost(block + 16, b, scale, bound, threshold);
  c = atMost(block + 32, c, scale, bound, threshold);
  d = atMost(block + 48, d, scale, bound, threshold);
  if (i32x4.all_true(v128.and(v128.and(a, b), v128.and(c, d)))) return 0;
  return 0xffff ^ (i32x4.bitmask(a) | (i32x4.bitmask(b) << 4) | (i32x4.bitmask(c) << 8) | (i32x4.bitmask(d) << 12));
}

/** The sums of two products each, of bytes from 0 to 127 and signed bytes. */
@inline
function pairSums(bytes: v128, signed: v128): v128 {
  return i16x8.relaxed_dot_i8x16_i7x16_s(signed, bytes);
}

/**
 * sum + the sum of each two lanes. `relaxed_dot_i8x16_i7x16_add_s` does both in one op, in which V8 loads its ones again
 * each time (100,000 × 100: 0.28 ms, and 0.22 in two ops).
 */
@inline
function addPairs(pairs: v128, sum: v128): v128 {
  return i32x4.add(sum, i32x4.dot_i16x8_s(pairs, i16x8.splat(1)));
}

/** sum + the dot product of each four bytes, from 0 to 127, and signed bytes. */
@inline
function dotBytes(bytes: v128, signed: v128, sum: v128): v128 {
  if (ASC_FEATURE_RELAXED_SIMD) return addPairs(pairSums(bytes, signed), sum);
  const low = i16x8.extmul_low_i8x16_s(bytes, signed);
  const high = i16x8.extmul_high_i8x16_s(bytes, signed);
  const pairs = i32x4.extadd_pairwise_i16x8_s(low);
  const others = i32x4.extadd_pairwise_i16x8_s(high);
  // Lanes of two pairs each become lanes of four bytes.
  const even = i32x4.shuffle(pairs, others, 0, 2, 4, 6);
  const odd = i32x4.shuffle(pairs, others, 1, 3, 5, 7);
  return i32x4.add(sum, i32x4.add(even, odd));
}

/** Lanes whose bound is at most `threshold`. NaN is not. */
@inline
function atMost(words: usize, sum: v128, scale: f32, bound: f32, threshold: f32): v128 {
  const word = v128.load(words);
  const a = v128.and(word, i32x4.splat(0xffff0000));
  const dot = f32x4.add(f32x4.mul(f32x4.convert_i32x4_s(sum), f32x4.splat(scale)), f32x4.splat(bound));
  return f32x4.le(f32x4.add(f32x4.mul(a, dot), i32x4.shl(word, 16)), f32x4.splat(threshold));
}

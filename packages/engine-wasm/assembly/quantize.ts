import { firstLanes, hsum } from './math';
import { hi, lo } from './share';

// The int8 copy of a table, for screening. Row w with scale a becomes integers q, w ≈ a·q, from −63 to 63, stored plus 64.
// All instruction sets multiply such bytes by signed ones without overflow. 16 rows are a block: a word per row, with the
// scale in its upper half and a bound of the bias in its lower half, both as bfloat16; then for each 4 units the 4 bytes of
// each row.

/** Rows of the table per block. */
export const BLOCK_ITEMS: i32 = 16;
/** Added to integers, so that bytes are from 1 to 127. */
export const BYTE_ZERO: i32 = 64;
/** The greatest magnitude of an integer. */
const MOST: f32 = 63;
/** The least scale, 2⁻¹⁰⁰: squares of smaller ones would underflow. */
export const LEAST_SCALE: f32 = 7.888609e-31;
/** Sums of products of at most 4,096 pairs of numbers up to this magnitude do not overflow. Rows of others are not bounded. */
export const MOST_BOUNDED: f32 = 1e16;
/** Covers the rounding of a norm's own sum of squares, of up to 4,096 units. */
export const NORM_SLACK: f32 = 1.001;
/** Covers the rounding of sums of float32 with a bias, of its magnitude. */
const SUM_SLACK: f32 = 0.0005;
/** Covers the rounding of a division by the scale, per unit. */
export const UNIT_SLACK: f32 = 2e-5;

/** Bytes of a block. */
@inline
export function blockBytes(inner: i32): usize {
  return 64 + (<usize>((inner + 3) >> 2) << 6);
}

/**
 * Writes the copy, split by blocks. table [n][inner], bias [n]. norms [blocks][2]: the greatest norm of w/a − q of the
 * block's rows, which is ∞ if a row is not bounded, and the greatest bound of the norms of w/a and q.
 */
export function quantizeTable(table: usize, stride: usize, n: i32, inner: i32, bias: usize, blocks: i32, copy: usize, norms: usize): void {
  const bytes = blockBytes(inner);
  for (let block = lo(blocks), end = hi(blocks); block < end; block++) {
    const at = copy + bytes * block;
    let error: f32 = 0;
    let norm: f32 = 0;
    for (let lane = 0; lane < BLOCK_ITEMS; lane++) {
      const row = block * BLOCK_ITEMS + lane;
      const word = at + (<usize>lane << 2);
      if (row >= n) {
        // Never a candidate.
        memory.fill(word, 0, 4);
        for (let o: usize = 64; o < bytes; o += 64) store<u32>(word + o, 0x40404040);
        continue;
      }
      const own = quantizeRow(table + stride * row, inner, word, bytes);
      store<u32>(word, load<u32>(word) | bfloatAbove(load<f32>(bias + (<usize>row << 2))));
      error = max(error, own);
      norm = max(norm, rowNorm);
    }
    store<f32>(norms + (<usize>block << 3), error);
    store<f32>(norms + (<usize>block << 3), norm, 4);
  }
}

/** A bound of the norms of w/a and q of the last row. */
let rowNorm: f32 = 0;

/** Writes the scale and the bytes of a row of the block at `word`. Returns a bound of the norm of w/a − q. */
function quantizeRow(row: usize, inner: i32, word: usize, bytes: usize): f32 {
  const most = greatest(row, inner);
  const bounded = most <= MOST_BOUNDED;
  // Rounded up, so that the greatest integer is MOST.
  const scale = bounded ? max((reinterpret<u32>(most / MOST) + 0xffff) & 0xffff0000, reinterpret<u32>(LEAST_SCALE)) : reinterpret<u32>(<f32>1);
  store<u32>(word, scale);
  const factor = f32x4.splat(bounded ? <f32>1 / reinterpret<f32>(scale) : 0);
  let errors = f32x4.splat(0);
  let squares = errors;
  for (let o: usize = 64, j = 0; o < bytes; o += 64, j += 4, row += 16) {
    let x = v128.load(row);
    if (j + 4 > inner) x = v128.and(x, firstLanes(inner - j));
    if (!bounded) x = f32x4.splat(0);
    const exact = f32x4.mul(x, factor);
    const q = f32x4.nearest(exact);
    const error = f32x4.sub(exact, q);
    errors = f32x4.add(errors, f32x4.mul(error, error));
    squares = f32x4.add(squares, f32x4.mul(q, q));
    const words = i32x4.add(i32x4.trunc_sat_f32x4_s(q), i32x4.splat(BYTE_ZERO));
    const halves = i16x8.narrow_i32x4_s(words, words);
    store<u32>(word + o, i32x4.extract_lane(i8x16.narrow_i16x8_u(halves, halves), 0));
  }
  const bound = bounded ? NORM_SLACK * sqrt<f32>(hsum(errors)) + UNIT_SLACK * sqrt<f32>(<f32>inner) : <f32>Infinity;
  rowNorm = bounded ? NORM_SLACK * sqrt<f32>(hsum(squares)) + bound : 0;
  return bound;
}

/** The greatest magnitude of a row, or NaN if it has one. */
export function greatest(row: usize, inner: i32): f32 {
  let most = f32x4.splat(0);
  for (let j = 0; j < inner; j += 4, row += 16) {
    const x = f32x4.abs(v128.load(row));
    most = f32x4.max(most, j + 4 > inner ? v128.and(x, firstLanes(inner - j)) : x);
  }
  const pairs = f32x4.max(most, i32x4.shuffle(most, most, 2, 3, 0, 1));
  return max(f32x4.extract_lane(pairs, 0), f32x4.extract_lane(pairs, 1));
}

/** The least bfloat16 not below x and what sums with x round off, or NaN where a sum with x might overflow. */
function bfloatAbove(x: f32): u32 {
  if (!(abs(x) <= 1e38)) return 0x7fc0;
  const above = x + abs(x) * SUM_SLACK;
  const bits = reinterpret<u32>(above);
  return (above > 0 ? bits + 0xffff : bits) >> 16;
}

import { INIT_SPLAT } from './generated/choices';
import { nn } from './products';
import { hi, lo, shareNumber } from './share';

/** Rows a block: 64 rows of 100 slots stay in the nearest caches while the vectors are walked. */
const BLOCK: i32 = 64;

// What a share keeps of the counts, rows of whole vectors over its slots: the targets' scores, how many are greater and
// equal, whether one is NaN.

/** Rows of the counts of a share. */
export const RANK_PART: i32 = 4;
const BETTER: i32 = 1;
const EQUAL: i32 = 2;
const NAN: i32 = 3;

// What it keeps of the best rows: a row of thresholds over the slots, the k-th best values; then a list a slot: its
// values, best first, and their rows, each whole vectors and one before them, whose last value is ∞.

/** Bytes of a row of whole vectors over `slots`. */
@inline
function widthOf(slots: i32): usize {
  return <usize>((slots + 3) >> 2) << 4;
}

/** Bytes of the values of a list, of which there are as many as rows. */
@inline
function listBytes(k: i32): usize {
  return (<usize>((k + 3) >> 2) << 4) + 16;
}

@inline
function topPartBytes(width: usize, slots: i32, k: i32): usize {
  return width + <usize>slots * listBytes(k) * 2;
}

/** The first value of a slot's list. */
@inline
function listOf(part: usize, width: usize, slot: usize, k: i32): usize {
  return part + width + slot * listBytes(k) * 2 + 16;
}

/**
 * First half of `rank-counts`, split by rows: each share counts in `parts` how many of its rows are greater than the
 * target's and how many equal to it. scores [n][slots], target i32 [slots]. A single column lies dense: what its
 * vectors hold beside it is counted and never read.
 */
export function rankShares(scores: usize, stride: usize, n: i32, slots: i32, target: usize, parts: usize): void {
  const width = widthOf(slots);
  const part = parts + width * RANK_PART * shareNumber();
  memory.fill(part, 0, width * RANK_PART);
  for (let b = 0; b < slots; b++) {
    const row = load<i32>(target + (<usize>b << 2));
    if (row >= 0) store<f32>(part + (<usize>b << 2), load<f32>(scores + stride * row + (<usize>b << 2)));
  }
  for (let i = lo(n), to = hi(n); i < to; i += BLOCK) countBlock(scores, stride, i, min(i + BLOCK, to), width, part);
}

function countBlock(scores: usize, stride: usize, from: i32, to: i32, width: usize, part: usize): void {
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

/** Second half, by one thread: out [2][slots] of the sums over `shares`; NaN and the first row of one where there is any. */
export function rankMerge(scores: usize, stride: usize, n: i32, slots: i32, target: usize, parts: usize, shares: i32, out: usize, outStride: usize): void {
  const width = widthOf(slots);
  for (let b = 0; b < slots; b++) {
    const o = <usize>b << 2;
    let better = 0;
    let equal = 0;
    let nan = 0;
    for (let t = 0; t < shares; t++) {
      const p = parts + width * RANK_PART * t + o;
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
function writeCounts(out: usize, outStride: usize, better: f32, equal: f32): void {
  store<f32>(out, better);
  store<f32>(out + outStride, equal);
}

/** The first of rows from … to − 1 that is NaN, or `to`. */
function firstNaN(x: usize, stride: usize, from: i32, to: i32): i32 {
  let i = from;
  while (i < to && !isNaN(load<f32>(x + stride * i))) i++;
  return i;
}

/**
 * First half of `top-indices`, split by rows: each share lists the k best of its rows in `parts`. Nearly every row
 * costs one comparison with the k-th best value so far, which a later row must exceed.
 */
export function topShares(scores: usize, stride: usize, n: i32, slots: i32, k: i32, parts: usize): void {
  const width = widthOf(slots);
  const part = parts + topPartBytes(width, slots, k) * shareNumber();
  startLists(part, width, slots, k);
  for (let i = lo(n), to = hi(n); i < to; i += BLOCK) listBlock(scores, stride, i, min(i + BLOCK, to), width, k, part);
}

/** Lists of −∞ and no rows. */
function startLists(part: usize, width: usize, slots: i32, k: i32): void {
  // Nothing exceeds ∞ in the lanes behind the last slot.
  for (let o: usize = 0; o < width; o += 4) store<f32>(part + o, o < <usize>slots << 2 ? -Infinity : Infinity);
  const bytes = listBytes(k);
  for (let b: usize = 0; b < <usize>slots; b++) {
    const list = listOf(part, width, b, k);
    v128.store(list - 16, f32x4.splat(Infinity));
    for (let o: usize = 0; o < bytes - 16; o += 4) {
      store<f32>(list + o, -Infinity);
      store<i32>(list + bytes + o, -1);
    }
  }
}

/** Takes rows from … to − 1 into the lists. */
function listBlock(scores: usize, stride: usize, from: i32, to: i32, width: usize, k: i32, part: usize): void {
  for (let o: usize = 0; o < width; o += 16) {
    let threshold = v128.load(part + o);
    let s = scores + stride * from + o;
    let i = from;
    // Four rows a branch.
    for (; i + 4 <= to; i += 4, s += stride * 4) {
      const first = f32x4.gt(v128.load(s), threshold);
      const second = f32x4.gt(v128.load(s + stride), threshold);
      const third = f32x4.gt(v128.load(s + stride * 2), threshold);
      const fourth = f32x4.gt(v128.load(s + stride * 3), threshold);
      if (!v128.any_true(v128.or(v128.or(first, second), v128.or(third, fourth)))) continue;
      const low = i32x4.bitmask(first) | (i32x4.bitmask(second) << 4);
      const high = i32x4.bitmask(third) | (i32x4.bitmask(fourth) << 4);
      threshold = enter(low | (high << 8), s, stride, i, o, width, k, part);
    }
    for (; i < to; i++, s += stride) {
      const lanes = i32x4.bitmask(f32x4.gt(v128.load(s), threshold));
      if (lanes != 0) threshold = enter(lanes, s, stride, i, o, width, k, part);
    }
  }
}

/** Lets values into the lists of four slots: bit 4r + l for lane l of row `row` + r. Returns the new thresholds. */
function enter(bits: i32, s: usize, stride: usize, row: i32, o: usize, width: usize, k: i32, part: usize): v128 {
  for (; bits != 0; bits &= bits - 1) {
    const bit = ctz(bits);
    const lane = <usize>(bit & 3) << 2;
    const list = listOf(part, width, (o + lane) >> 2, k);
    insert(list, k, load<f32>(s + stride * (bit >> 2) + lane), row + (bit >> 2));
    store<f32>(part + o + lane, load<f32>(list + (<usize>(k - 1) << 2)));
  }
  return v128.load(part + o);
}

/**
 * Puts a value where it belongs in a list, behind equal ones, and moves the others on; what falls behind the end is
 * gone. Whole vectors and no branch: for a list of 20 it takes half the time of moving pairs one by one (12 ns less).
 */
@inline
function insert(list: usize, k: i32, value: f32, row: i32): void {
  const bytes = listBytes(k);
  const x = f32x4.splat(value);
  const r = i32x4.splat(row);
  for (let p = list + bytes - 32; p >= list; p -= 16) {
    const own = v128.load(p);
    const before = v128.load(p - 4);
    const stays = f32x4.ge(own, x);
    const enters = f32x4.ge(before, x);
    v128.store(p, v128.bitselect(own, v128.bitselect(x, before, enters), stays));
    const rows = p + bytes;
    const moved = v128.bitselect(r, v128.load(rows - 4), enters);
    v128.store(rows, v128.bitselect(v128.load(rows), moved, stays));
  }
}

/**
 * Second half, split by slots: out i32 [k][slots] of the lists of `shares`; a share's rows come before the next one's.
 * indices i32 [slots]: −1 leaves a slot without rows; no address, none.
 */
export function topMerge(parts: usize, shares: i32, n: i32, slots: i32, k: i32, indices: usize, out: usize, outStride: usize): void {
  const width = widthOf(slots);
  const bytes = topPartBytes(width, slots, k);
  for (let b = lo(slots), end = hi(slots); b < end; b++) {
    const o = <usize>b << 2;
    // The thresholds have served: how much of each list is taken stands there.
    for (let t = 0; t < shares; t++) store<i32>(parts + bytes * t + o, 0);
    const idle = indices != 0 && load<i32>(indices + o) < 0;
    let place = 0;
    for (; place < k && !idle; place++) {
      const row = takeBest(parts + o, listOf(parts, width, b, k), k, bytes, shares);
      if (row < 0) break;
      store<i32>(out + outStride * place + o, row);
    }
    if (place < k) fillUp(out + o, outStride, place, k, idle ? 0 : n);
  }
}

/** Takes the best of the lists' first values. Returns its row, −1 where none is left. */
@inline
function takeBest(taken: usize, lists: usize, k: i32, bytes: usize, shares: i32): i32 {
  let best: usize = 0;
  let from: usize = 0;
  for (let t = 0, o: usize = 0; t < shares; t++, o += bytes) {
    const first = load<i32>(taken + o);
    if (first == k) continue;
    const p = lists + o + (<usize>first << 2);
    if (best != 0 && !(load<f32>(p) > load<f32>(best))) continue;
    best = p;
    from = o;
  }
  if (best == 0) return -1;
  store<i32>(taken + from, load<i32>(taken + from) + 1);
  return load<i32>(best + listBytes(k));
}

/** Places behind the last that was listed: rows of −∞, which exceed no threshold, in order, then none. */
function fillUp(out: usize, outStride: usize, place: i32, k: i32, n: i32): void {
  const listed = place;
  for (let row = 0; row < n && place < k; row++) {
    let i = 0;
    while (i < listed && load<i32>(out + outStride * i) != row) i++;
    if (i == listed) store<i32>(out + outStride * place++, row);
  }
  for (; place < k; place++) store<i32>(out + outStride * place, -1);
}

/** Rows over its slots that a share of `rankProduct` has beside its matrix and its lists: counts and a block. */
export const RANK_PRODUCT_ROWS: i32 = RANK_PART + BLOCK;
/** Bytes of a slot that it has for numbers: of slots, addresses of target rows and their biases. */
export const RANK_PRODUCT_SLOT: i32 = 12;

/** Bytes from one row of the matrix to the next: an odd number of cache lines, so that its columns fall on all sets. */
@inline
function matrixStride(width: usize): usize {
  return ((width + 63) & ~63) | 64;
}

/**
 * `rank-counts` and `top-indices` of scores [n][slots] = rows·hiddenᵀ + bias that are never stored whole: a block of
 * rows is ranked while it is in the nearest cache. The slots that have a target are split, so that idle ones cost
 * nothing and no results are merged. rows: addresses of n rows of `inner` floats; hidden [slots][inner]; bias [n];
 * target i32 [slots]; counts [2][slots]; top i32 [k][slots].
 */
export function rankProduct(rows: usize, n: i32, inner: i32, hidden: usize, ldh: usize, bias: usize, target: usize, slots: i32, k: i32, parts: usize, partBytes: usize, counts: usize, countsStride: usize, top: usize, topStride: usize): void {
  const numbers = parts + partBytes * shareNumber();
  const live = liveSlots(target, slots, numbers);
  if (shareNumber() == 0) writeIdle(target, slots, k, counts, countsStride, top, topStride);
  const first = lo(live);
  const m = hi(live) - first;
  if (m <= 0) return;
  const mine = numbers + (<usize>first << 2);
  const width = widthOf(m);
  const part = numbers + (<usize>((slots + 3) >> 2) << 4) * (RANK_PRODUCT_SLOT / 4);
  const block = part + width * RANK_PART;
  const b = block + width * BLOCK;
  const ldb = matrixStride(width);
  const lists = b + ldb * inner;
  gatherColumns(hidden, ldh, mine, m, inner, b, ldb);
  memory.fill(part, 0, width * RANK_PART);
  startLists(lists, width, m, k);
  targetScores(rows, inner, b, ldb, bias, target, mine, m, width, part, block, numbers + (<usize>slots << 2));
  for (let i = 0; i < n; i += BLOCK) {
    const to = min(i + BLOCK, n);
    const scores = block - width * i;
    nn(rows, false, i, to, inner, b, ldb, scores, width, <i32>(width >> 4), INIT_SPLAT, bias, 0);
    countBlock(scores, width, i, to, width, part);
    listBlock(scores, width, i, to, width, k, lists);
  }
  for (let s: usize = 0; s < <usize>m; s++) {
    const p = part + (s << 2);
    const o = load<u32>(mine + (s << 2)) << 2;
    const nan = load<i32>(p + width * NAN) != 0;
    const better: f32 = nan ? <f32>NaN : <f32>load<i32>(p + width * BETTER);
    const equal = nan ? firstNaNRow(rows, n, inner, b, ldb, bias, width, block, s) : load<i32>(p + width * EQUAL);
    writeCounts(counts + o, countsStride, better, <f32>equal);
    writeList(listOf(lists, width, s, k), k, n, top + o, topStride);
  }
}

/** The numbers of the slots that have a target; returns how many. */
function liveSlots(target: usize, slots: i32, numbers: usize): i32 {
  let live = 0;
  for (let b = 0; b < slots; b++) {
    if (load<i32>(target + (<usize>b << 2)) < 0) continue;
    store<i32>(numbers + (<usize>live << 2), b);
    live++;
  }
  return live;
}

function writeIdle(target: usize, slots: i32, k: i32, counts: usize, countsStride: usize, top: usize, topStride: usize): void {
  for (let b = 0; b < slots; b++) {
    const o = <usize>b << 2;
    if (load<i32>(target + o) >= 0) continue;
    writeCounts(counts + o, countsStride, 0, 0);
    for (let place = 0; place < k; place++) store<i32>(top + topStride * place + o, -1);
  }
}

/** b [inner][m] = the transposed rows of `hidden` of m slots, zeros behind them. */
function gatherColumns(hidden: usize, ldh: usize, mine: usize, m: i32, inner: i32, b: usize, ldb: usize): void {
  memory.fill(b, 0, ldb * inner);
  for (let s: usize = 0; s < <usize>m; s++) {
    const row = hidden + ldh * load<u32>(mine + (s << 2));
    for (let j: usize = 0; j < <usize>inner; j++) store<f32>(b + ldb * j + (s << 2), load<f32>(row + (j << 2)));
  }
}

function writeList(list: usize, k: i32, n: i32, out: usize, outStride: usize): void {
  const rows = list + listBytes(k);
  let place = 0;
  for (; place < k; place++) {
    const row = load<i32>(rows + (<usize>place << 2));
    if (row < 0) break;
    store<i32>(out + outStride * place, row);
  }
  if (place < k) fillUp(out, outStride, place, k, n);
}

/** The targets' scores into the first row of `part`, by the same product as all scores, so that they have the same bits. */
function targetScores(rows: usize, inner: i32, b: usize, ldb: usize, bias: usize, target: usize, mine: usize, m: i32, width: usize, part: usize, block: usize, addresses: usize): void {
  const biases = addresses + (<usize>m << 2);
  for (let s: usize = 0; s < <usize>m; s++) {
    const row = load<u32>(target + (load<u32>(mine + (s << 2)) << 2)) << 2;
    store<u32>(addresses + (s << 2), load<u32>(rows + row));
    store<f32>(biases + (s << 2), load<f32>(bias + row));
  }
  for (let i = 0; i < m; i += BLOCK) {
    const to = min(i + BLOCK, m);
    const scores = block - width * i;
    nn(addresses, true, i, to, inner, b, ldb, scores, width, <i32>(width >> 4), INIT_SPLAT, biases, 0);
    for (let s = i; s < to; s++) store<f32>(part + (<usize>s << 2), load<f32>(scores + (width + 4) * s));
  }
}

/** The first row whose score in a slot is NaN; computes the scores anew, as this ends an evaluation. */
function firstNaNRow(rows: usize, n: i32, inner: i32, b: usize, ldb: usize, bias: usize, width: usize, block: usize, slot: usize): i32 {
  for (let i = 0; i < n; i += BLOCK) {
    const to = min(i + BLOCK, n);
    const scores = block - width * i;
    nn(rows, false, i, to, inner, b, ldb, scores, width, <i32>(width >> 4), INIT_SPLAT, bias, 0);
    const found = firstNaN(scores + (slot << 2), width, i, to);
    if (found < to) return found;
  }
  return n;
}

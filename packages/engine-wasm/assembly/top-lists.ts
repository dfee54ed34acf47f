import { BLOCK, widthOf } from './rank-counts';
import { hi, lo, shareNumber } from './share';

// The memory that a share keeps for the best rows: a row of thresholds over the slots, which are the k-th best values,
// and then a list per slot: its values, best first, and their rows. Each consists of whole vectors, after one whose
// last value is ∞.

/** Bytes of the values of a list. Its rows take as many. */
@inline
export function listBytes(k: i32): usize {
  return (<usize>((k + 3) >> 2) << 4) + 16;
}

/** Bytes of a share's thresholds and lists. */
@inline
export function topSharesShareBytes(slots: i32, k: i32): usize {
  return widthOf(slots) + <usize>slots * listBytes(k) * 2;
}

/** The first value of a slot's list. */
@inline
export function listOf(part: usize, width: usize, slot: usize, k: i32): usize {
  return part + width + slot * listBytes(k) * 2 + 16;
}

/**
 * First half of `top-indices`, split by rows. Each share lists the k best of its rows in `parts`. Almost every row
 * costs only one comparison with the k-th best value so far, which a later row must exceed.
 */
export function topShares(scores: usize, stride: usize, n: i32, slots: i32, k: i32, parts: usize): void {
  const width = widthOf(slots);
  const part = parts + topSharesShareBytes(slots, k) * shareNumber();
  startLists(part, width, slots, k);
  for (let i = lo(n), to = hi(n); i < to; i += BLOCK) listBlock(scores, stride, i, min(i + BLOCK, to), width, k, part);
}

/** Initialises lists with −∞ and no rows. */
export function startLists(part: usize, width: usize, slots: i32, k: i32): void {
  // Nothing exceeds ∞ in the lanes after the last slot, and where nothing is listed.
  for (let o: usize = 0; o < width; o += 4) store<f32>(part + o, k > 0 && o < <usize>slots << 2 ? -Infinity : Infinity);
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

/** Adds rows from … to − 1 to the lists. */
export function listBlock(scores: usize, stride: usize, from: i32, to: i32, width: usize, k: i32, part: usize): void {
  for (let o: usize = 0; o < width; o += 16) {
    let threshold = v128.load(part + o);
    let s = scores + stride * from + o;
    let i = from;
    // Four rows per branch.
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

/** Inserts values into the lists of four slots: bit 4r + l for lane l of row `row` + r. Returns the new thresholds. */
function enter(bits: i32, s: usize, stride: usize, row: i32, o: usize, width: usize, k: i32, part: usize): v128 {
  for (; bits != 0; bits &= bits - 1) {
    const bit = ctz(bits);
    const lane = <usize>(bit & 3) << 2;
    enterList(part, width, (o + lane) >> 2, k, load<f32>(s + stride * (bit >> 2) + lane), row + (bit >> 2));
  }
  return v128.load(part + o);
}

/** Inserts a value above the threshold into a slot's list, and updates the threshold. */
export function enterList(part: usize, width: usize, slot: usize, k: i32, value: f32, row: i32): void {
  const list = listOf(part, width, slot, k);
  insert(list, k, value, row);
  store<f32>(part + (slot << 2), load<f32>(list + (<usize>(k - 1) << 2)));
}

/**
 * Inserts a value into a list, after equal ones, and shifts the others. The last one is dropped. It works on whole
 * vectors without a branch, which takes half the time of moving pairs one by one for a list of 20 (12 ns less).
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
 * Second half, split by slots: out i32 [k][slots] from the lists of `shares`. The rows of a share come before those of
 * the next. indices i32 [slots]: a slot with −1 gets no rows. Address 0: every slot gets rows.
 */
export function topMerge(parts: usize, shares: i32, n: i32, slots: i32, k: i32, indices: usize, out: usize, outStride: usize): void {
  const width = widthOf(slots);
  const bytes = topSharesShareBytes(slots, k);
  for (let b = lo(slots), end = hi(slots); b < end; b++) {
    const o = <usize>b << 2;
    // The thresholds are no longer needed. Their memory counts how much of each list was taken.
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

/** Takes the best of the first values of the lists. Returns its row, or −1 if none is left. */
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

/**
 * Fills the places after the last listed row: first with rows of −∞, which exceed no threshold, in order, then with −1.
 */
export function fillUp(out: usize, outStride: usize, place: i32, k: i32, n: i32): void {
  const listed = place;
  for (let row = 0; row < n && place < k; row++) {
    let i = 0;
    while (i < listed && load<i32>(out + outStride * i) != row) i++;
    if (i == listed) store<i32>(out + outStride * place++, row);
  }
  for (; place < k; place++) store<i32>(out + outStride * place, -1);
}

import { INIT_VECTOR } from './generated/choices';
import { nn } from './products';
import { hi, lo, shareNumber } from './share';

/** Rows per block of the fused row update. */
export const ROW_BLOCK: i32 = 64;

/**
 * Finds the distinct indices in order of first appearance, and for each the chain of its positions. `map` has one word
 * per table row. An entry is valid if it is ≥ the base in `cell`, so nothing is cleared between steps. Index −1 is
 * skipped. Writes unique[u] (−1 after the last), head[u], next[position], count.
 */
export function uniqueIndices(indices: usize, n: i32, map: usize, mapRows: i32, cell: usize, unique: usize, head: usize, next: usize, count: usize): void {
  let base = load<i32>(cell);
  if (base == 0 || base > 1 << 30) {
    memory.fill(map, 0, <usize>mapRows << 2);
    base = 1;
  }
  let u = 0;
  for (let i = 0; i < n; i++) {
    const index = load<i32>(indices + (<usize>i << 2));
    if (index < 0) continue;
    const slot = map + (<usize>index << 2);
    let at = load<i32>(slot) - base;
    if (at < 0) {
      at = u++;
      store<i32>(slot, base + at);
      store<i32>(unique + (<usize>at << 2), index);
      store<i32>(head + (<usize>at << 2), -1);
    }
    store<i32>(next + (<usize>i << 2), load<i32>(head + (<usize>at << 2)));
    store<i32>(head + (<usize>at << 2), i);
  }
  store<i32>(cell, base + n);
  store<i32>(count, u);
  for (; u < n; u++) store<i32>(unique + (<usize>u << 2), -1);
}

@inline
function addRow(to: usize, from: usize, vectors: i32): void {
  for (let o: usize = 0; o < <usize>vectors << 4; o += 16) v128.store(to + o, f32x4.add(v128.load(to + o), v128.load(from + o)));
}

/**
 * Writes the summed gradients of unique rows from … to − 1 (at most ROW_BLOCK) to `out`. A position below `products` is
 * a row of k factors, sources[position], times the matrix b [k][vectors]. The others are gradient rows. Factor rows
 * with the same index are summed before the product, in place, which overwrites them.
 */
export function rowGradients(from: i32, to: i32, head: usize, next: usize, products: i32, sources: usize, k: i32, b: usize, ldb: usize, zeros: usize, list: usize, out: usize, ldo: usize, vectors: i32): void {
  const kVectors = (k + 3) >> 2;
  if (products == 0) memory.fill(out, 0, ldo * (to - from));
  else {
    for (let u = from; u < to; u++) {
      let first: usize = 0;
      for (let p = load<i32>(head + (<usize>u << 2)); p >= 0; p = load<i32>(next + (<usize>p << 2))) {
        if (p >= products) continue;
        const row: usize = load<u32>(sources + (<usize>p << 2));
        if (first == 0) first = row;
        else addRow(first, row, kVectors);
      }
      store<u32>(list + (<usize>(u - from) << 2), <u32>(first == 0 ? zeros : first));
    }
    nn(list, false, 0, to - from, k, b, ldb, out, ldo, vectors, INIT_VECTOR, zeros, 0);
  }
  for (let u = from; u < to; u++) {
    for (let p = load<i32>(head + (<usize>u << 2)); p >= 0; p = load<i32>(next + (<usize>p << 2))) {
      if (p >= products) addRow(out + ldo * (u - from), load<u32>(sources + (<usize>p << 2)), vectors);
    }
  }
}

/** Bytes that a share needs for its list of row addresses. */
@inline
export function sumRowGradientsShareBytes(): usize {
  return <usize>ROW_BLOCK << 2;
}

/**
 * Summed gradients of all unique rows, and zeros up to `capacity`, for optimisers without a kernel. Split by
 * `capacity`.
 */
export function sumRowGradients(count: usize, head: usize, next: usize, products: i32, sources: usize, k: i32, b: usize, ldb: usize, zeros: usize, list: usize, out: usize, ldo: usize, vectors: i32, capacity: i32): void {
  const first = lo(capacity);
  const last = hi(capacity);
  const n = max(first, min(last, load<i32>(count)));
  memory.fill(out + ldo * n, 0, ldo * (last - n));
  const own = list + sumRowGradientsShareBytes() * shareNumber();
  for (let from = first; from < n; from += ROW_BLOCK) {
    const to = min(from + ROW_BLOCK, n);
    rowGradients(from, to, head, next, products, sources, k, b, ldb, zeros, own, out + ldo * from, ldo, vectors);
  }
}

/** The same for tables of one column. sources[position] is the address of one float. */
export function sumScalarGradients(count: usize, head: usize, next: usize, sources: usize, out: usize, capacity: i32): void {
  const n = load<i32>(count);
  for (let u = lo(capacity), end = hi(capacity); u < end; u++) {
    store<f32>(out + (<usize>u << 2), u < n ? sumChain(u, head, next, sources) : 0);
  }
}

/** Sum of the floats at the positions of unique index u. */
@inline
export function sumChain(u: i32, head: usize, next: usize, sources: usize): f32 {
  let sum: f32 = 0;
  for (let p = load<i32>(head + (<usize>u << 2)); p >= 0; p = load<i32>(next + (<usize>p << 2))) {
    sum += load<f32>(<usize>load<u32>(sources + (<usize>p << 2)));
  }
  return sum;
}

/** A row is one float of 4 bytes, or whole vectors. */
@inline
function addRowOf(to: usize, from: usize, bytes: usize): void {
  if (bytes == 4) store<f32>(to, load<f32>(to) + load<f32>(from));
  else addRow(to, from, <i32>(bytes >> 4));
}

/** out[indices[i]] += rows[i], starting from zeros, `bytes` per row. Split by rows of `out`. Index −1 is skipped. */
export function scatterRows(rows: usize, strideRows: usize, indices: usize, n: i32, out: usize, outRows: i32, stride: usize, bytes: usize): void {
  const from = lo(outRows);
  const to = hi(outRows);
  memory.fill(out + stride * from, 0, stride * (to - from));
  for (let i = 0; i < n; i++, rows += strideRows) {
    const index = load<i32>(indices + (<usize>i << 2));
    if (index >= from && index < to) addRowOf(out + stride * index, rows, bytes);
  }
}

/**
 * out[u] = sum of the rows of the u-th distinct index, in order of first appearance, followed by zeros. Index −1 is
 * skipped. `map`: scratch of `slots` pairs (index, u + 1) for open addressing. `slots` is a power of two above n.
 */
export function mergeRows(rows: usize, indices: usize, n: i32, map: usize, slots: i32, out: usize, stride: usize): void {
  memory.fill(out, 0, stride * n);
  memory.fill(map, 0, <usize>slots << 3);
  const shift: u32 = clz(slots) + 1;
  let count = 0;
  for (let i = 0; i < n; i++, rows += stride) {
    const index = load<i32>(indices + (<usize>i << 2));
    if (index < 0) continue;
    // 2³² divided by the golden ratio places neighbouring indices far apart (Knuth, volume 3, section 6.4).
    let at = (<u32>index * 0x9e3779b1) >> shift;
    let pair = map + (<usize>at << 3);
    while (load<i32>(pair, 4) != 0 && load<i32>(pair) != index) {
      at = (at + 1) & (slots - 1);
      pair = map + (<usize>at << 3);
    }
    if (load<i32>(pair, 4) == 0) {
      store<i32>(pair, index);
      store<i32>(pair, ++count, 4);
    }
    addRowOf(out + stride * (load<i32>(pair, 4) - 1), rows, stride);
  }
}

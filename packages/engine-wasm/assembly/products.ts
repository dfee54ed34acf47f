import { INIT_VECTOR } from './generated/choices';
import { nnSplat, nnVector, tnTile } from './generated/tiles';
import { firstLanes, hsum, madd } from './math';
import { hi, lo, scratch, shareNumber } from './share';

/** Rows per block. 64 rows of 100 floats stay in the first-level cache while the columns are processed. */
const BLOCK: i32 = 64;
/** Longest part of the inner extent. Its panel of the right operand (k × 64 bytes) stays in that cache. */
const INNER: i32 = 128;

/** Width of the next tile in vectors, chosen so that no tile of one vector remains: 25 = 5·4 + 3 + 2. */
@inline
function tileWidth(vectors: i32): i32 {
  return vectors == 5 ? 3 : min(vectors, 4);
}

/** Rows of the next tile, as many as fit in the registers. */
@inline
function tileHeight(rows: i32, width: i32): i32 {
  return rows >= 4 && width <= 2 ? 4 : min(rows, 2);
}

/** Loads a float of each 64-byte line of the first `bytes` of n rows, so that their misses overlap. */
export function touchRows(rows: usize, n: i32, bytes: usize): void {
  let x = 0;
  for (const end = rows + (<usize>n << 2); rows < end; rows += 4) {
    let p: usize = load<u32>(rows);
    for (const last = p + bytes; p < last; p += 64) x ^= load<i32>(p);
  }
  // Stored so that the loads are not optimised away.
  store<i32>(scratch(), x);
}

/**
 * out[i][j] = init + Σ_k row_i[k]·b[k][j] for rows `from` … `to` − 1, given by their addresses; strides in bytes.
 * `scattered` rows come from all over a table and are prefetched one block ahead. `mode` is where accumulators start:
 * from vectors at `init`, `initStride` bytes further per row (INIT_VECTOR), or from one float per row, 4 bytes further
 * per row (INIT_SPLAT).
 */
export function nn(rows: usize, scattered: bool, from: i32, to: i32, k: i32, b: usize, ldb: usize, out: usize, ldo: usize, vectors: i32, mode: i32, init: usize, initStride: usize): void {
  const stretches = (k + INNER - 1) / INNER;
  const stretch = (k + stretches - 1) / stretches;
  for (let i0 = from; i0 < to; i0 += BLOCK) {
    const i1 = min(i0 + BLOCK, to);
    if (scattered) touchRows(rows + (<usize>i0 << 2), i1 - i0, <usize>k << 2);
    for (let k0 = 0; k0 < k; k0 += stretch) {
      const kn = min(stretch, k - k0);
      const koff: usize = <usize>k0 << 2;
      const bk = b + ldb * k0;
      let left = vectors;
      let joff: usize = 0;
      while (left > 0) {
        const width = tileWidth(left);
        for (let i = i0, height = 0; i < i1; i += height) {
          height = tileHeight(i1 - i, width);
          const r = rows + (<usize>i << 2);
          const o = out + ldo * i + joff;
          if (k0 > 0) nnVector(height, width, r, koff, kn, bk + joff, ldb, o, ldo, o, ldo);
          else if (mode == INIT_VECTOR) nnVector(height, width, r, koff, kn, bk + joff, ldb, init + initStride * i + joff, initStride, o, ldo);
          else nnSplat(height, width, r, koff, kn, bk + joff, ldb, init + (<usize>i << 2), 0, o, ldo);
        }
        left -= width;
        joff += <usize>width << 4;
      }
    }
  }
}

/**
 * out[i][j] = init[i][j] + Σ_l a[l][i]·row_l[j] for columns i `from` … `to` − 1 of a, and l from `first` to `last` − 1;
 * `rows` lists the row addresses; strides in bytes.
 */
function tnRange(a: usize, lda: usize, rows: usize, first: i32, last: i32, out: usize, ldo: usize, from: i32, to: i32, vectors: i32, init: usize, initStride: usize): void {
  for (let l0 = first; l0 < last; l0 += BLOCK) {
    const n = min(BLOCK, last - l0);
    const r = rows + (<usize>l0 << 2);
    const al = a + lda * l0;
    let left = vectors;
    let joff: usize = 0;
    while (left > 0) {
      const width = tileWidth(left);
      for (let i = from, height = 0; i < to; i += height) {
        height = tileHeight(to - i, width);
        const o = out + ldo * i + joff;
        const start = l0 > first ? o : init + initStride * i + joff;
        const startStride = l0 > first ? ldo : initStride;
        const ai = al + (<usize>i << 2);
        tnTile(height, width, r, n, joff, ai, lda, start, startStride, o, ldo);
      }
      left -= width;
      joff += <usize>width << 4;
    }
  }
}

/** out[i][j] = init[i][j] + Σ_l a[l][i]·row_l[j] over l < k, split by rows of the result. */
export function tn(a: usize, lda: usize, rows: usize, k: i32, out: usize, ldo: usize, m: i32, vectors: i32, init: usize, initStride: usize): void {
  tnRange(a, lda, rows, 0, k, out, ldo, lo(m), hi(m), vectors, init, initStride);
}

/** Bytes that a share of `tnPart` needs for its sum. */
@inline
export function tnPartShareBytes(ldo: usize, m: i32): usize {
  return ldo * m;
}

/** The same product split by l. Each share writes its own sum, m rows of `ldo` bytes, to `parts`. */
export function tnPart(a: usize, lda: usize, rows: usize, k: i32, parts: usize, ldo: usize, m: i32, vectors: i32, zeros: usize): void {
  const part = parts + tnPartShareBytes(ldo, m) * shareNumber();
  const first = lo(k);
  const last = hi(k);
  if (first < last) tnRange(a, lda, rows, first, last, part, ldo, 0, m, vectors, zeros, 0);
  else memory.fill(part, 0, ldo * m);
}

/** out[i] = init[i] + Σ over `count` parts, split by rows. */
export function sumParts(parts: usize, count: i32, out: usize, ldo: usize, m: i32, vectors: i32, init: usize, initStride: usize): void {
  const size = tnPartShareBytes(ldo, m);
  for (let i = lo(m), end = hi(m); i < end; i++) {
    for (let o: usize = 0; o < <usize>vectors << 4; o += 16) {
      let sum = v128.load(init + initStride * i + o);
      let p = parts + ldo * i + o;
      for (let t = 0; t < count; t++, p += size) sum = f32x4.add(sum, v128.load(p));
      v128.store(out + ldo * i + o, sum);
    }
  }
}

/**
 * A product with any strides, one element at a time, for operands of a single column. Strides in floats. Split by rows.
 */
export function productScalar(a: usize, ai: i32, ak: i32, b: usize, bk: i32, bj: i32, out: usize, oi: i32, m: i32, k: i32, n: i32): void {
  for (let i = lo(m), end = hi(m); i < end; i++) {
    for (let j = 0; j < n; j++) {
      let sum: f32 = 0;
      for (let l = 0; l < k; l++) sum += load<f32>(a + (<usize>(i * ai + l * ak) << 2)) * load<f32>(b + (<usize>(l * bk + j * bj) << 2));
      store<f32>(out + (<usize>(i * oi + j) << 2), sum);
    }
  }
}

/**
 * out[i] = Σ_k row_i[k]·x[k] for m rows given by their addresses: a matrix times one vector. Split by rows. Reads four
 * parts of a share at the same time, because one core reads memory faster in four streams than in one.
 */
export function rowDots(rows: usize, m: i32, x: usize, k: i32, out: usize): void {
  const from = lo(m);
  const to = hi(m);
  const stretch = (to - from) >> 2;
  const step: usize = <usize>stretch << 2;
  let r = rows + (<usize>from << 2);
  let o = out + (<usize>from << 2);
  for (const end = r + step; r < end; r += 4, o += 4) fourDots(r, step, x, k, o);
  for (let i = from + 4 * stretch; i < to; i++) {
    const at: usize = <usize>i << 2;
    store<f32>(out + at, oneDot(load<u32>(rows + at), x, k));
  }
}

/** The dot products of the row at `rows` and of the rows 1, 2 and 3 steps further. */
@inline
function fourDots(rows: usize, step: usize, x: usize, k: i32, out: usize): void {
  let a: usize = load<u32>(rows);
  const b: usize = load<u32>(rows + step) - a;
  const c: usize = load<u32>(rows + step * 2) - a;
  const d: usize = load<u32>(rows + step * 3) - a;
  let sa = f32x4.splat(0);
  let sb = sa;
  let sc = sa;
  let sd = sa;
  for (const end = a + (<usize>(k >> 2) << 4); a < end; a += 16, x += 16) {
    const y = v128.load(x);
    sa = madd(v128.load(a), y, sa);
    sb = madd(v128.load(a + b), y, sb);
    sc = madd(v128.load(a + c), y, sc);
    sd = madd(v128.load(a + d), y, sd);
  }
  if (k & 3) {
    // The padding after a row may contain anything, including NaN.
    const tail = firstLanes(k & 3);
    const y = v128.and(v128.load(x), tail);
    sa = madd(v128.and(v128.load(a), tail), y, sa);
    sb = madd(v128.and(v128.load(a + b), tail), y, sb);
    sc = madd(v128.and(v128.load(a + c), tail), y, sc);
    sd = madd(v128.and(v128.load(a + d), tail), y, sd);
  }
  store<f32>(out, hsum(sa));
  store<f32>(out + step, hsum(sb));
  store<f32>(out + step * 2, hsum(sc));
  store<f32>(out + step * 3, hsum(sd));
}

/** The dot product of one row, with the bits of `rowDots`. */
@inline
export function oneDot(row: usize, x: usize, k: i32): f32 {
  let sum = f32x4.splat(0);
  for (const end = row + (<usize>(k >> 2) << 4); row < end; row += 16, x += 16) sum = madd(v128.load(row), v128.load(x), sum);
  if (k & 3) {
    const tail = firstLanes(k & 3);
    sum = madd(v128.and(v128.load(row), tail), v128.and(v128.load(x), tail), sum);
  }
  return hsum(sum);
}

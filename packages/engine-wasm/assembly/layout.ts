import { hi, lo } from './share';

/** dst[c][r] = src[r][c], split by rows r. Strides in bytes. Blocks of 4 × 4 in registers, the rest one by one. */
export function transpose(src: usize, lds: usize, dst: usize, ldd: usize, rows: i32, cols: i32): void {
  // A share starts at a multiple of 4 rows.
  const from = lo(rows);
  const to = hi(rows);
  const rows4 = to & ~3;
  const cols4 = cols & ~3;
  for (let r = from; r < rows4; r += 4) {
    let s = src + lds * r;
    let d = dst + (<usize>r << 2);
    for (let c = 0; c < cols4; c += 4, s += 16, d += ldd * 4) {
      const a = v128.load(s);
      const b = v128.load(s + lds);
      const e = v128.load(s + lds * 2);
      const f = v128.load(s + lds * 3);
      const ab = i32x4.shuffle(a, b, 0, 4, 1, 5);
      const ef = i32x4.shuffle(e, f, 0, 4, 1, 5);
      const ab2 = i32x4.shuffle(a, b, 2, 6, 3, 7);
      const ef2 = i32x4.shuffle(e, f, 2, 6, 3, 7);
      v128.store(d, i64x2.shuffle(ab, ef, 0, 2));
      v128.store(d + ldd, i64x2.shuffle(ab, ef, 1, 3));
      v128.store(d + ldd * 2, i64x2.shuffle(ab2, ef2, 0, 2));
      v128.store(d + ldd * 3, i64x2.shuffle(ab2, ef2, 1, 3));
    }
  }
  for (let r = from; r < to; r++) {
    for (let c = r < rows4 ? cols4 : 0; c < cols; c++) {
      store<f32>(dst + ldd * c + (<usize>r << 2), load<f32>(src + lds * r + (<usize>c << 2)));
    }
  }
}

/** out[c] = x[c][c]. */
export function diagonal(x: usize, stride: usize, cols: i32, out: usize): void {
  for (let c = 0; c < cols; c++) store<f32>(out + (<usize>c << 2), load<f32>(x + (stride + 4) * c));
}

/** A matrix with x on the diagonal, zeros elsewhere. */
export function fromDiagonal(x: usize, cols: i32, out: usize, stride: usize, rows: i32): void {
  memory.fill(out, 0, stride * rows);
  for (let c = 0; c < cols; c++) store<f32>(out + (stride + 4) * c, load<f32>(x + (<usize>c << 2)));
}

/**
 * Repeats a row, a column or a scalar, split by rows. `one`: x holds a single float per row. strideX 0 repeats the row.
 */
export function broadcast(x: usize, strideX: usize, one: bool, out: usize, stride: usize, rows: i32, vectors: i32): void {
  const from = lo(rows);
  x += strideX * from;
  out += stride * from;
  for (let r = from, end = hi(rows); r < end; r++, x += strideX, out += stride) {
    if (!one) memory.copy(out, x, <usize>vectors << 4);
    else {
      const value = v128.load_splat<f32>(x);
      for (let v = 0; v < vectors; v++) v128.store(out + (<usize>v << 4), value);
    }
  }
}

/** out = the rows of a, then those of b, each of `stride` bytes. Split by rows of `out`. */
export function concat(a: usize, rowsA: i32, b: usize, out: usize, rows: i32, stride: usize): void {
  const from = lo(rows);
  const to = hi(rows);
  const middle = max(from, min(to, rowsA));
  memory.copy(out + stride * from, a + stride * from, stride * (middle - from));
  memory.copy(out + stride * middle, b + stride * (middle - rowsA), stride * (to - middle));
}

/** dst = src for rows of `stride` bytes, split by rows. They do not overlap. */
export function copyRows(src: usize, dst: usize, rows: i32, stride: usize): void {
  const from = stride * lo(rows);
  memory.copy(dst + from, src + from, stride * hi(rows) - from);
}

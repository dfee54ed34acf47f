import { firstLanes, hmax, hsum } from './math';
import { hi, lo } from './share';

/** out[c] = Σ_r x[r][c]. Strides in bytes. */
export function sumRows(x: usize, stride: usize, rows: i32, vectors: i32, out: usize): void {
  for (let v = 0; v < vectors; v++) {
    let sum = f32x4.splat(0);
    let p = x + (<usize>v << 4);
    for (let r = 0; r < rows; r++, p += stride) sum = f32x4.add(sum, v128.load(p));
    v128.store(out + (<usize>v << 4), sum);
  }
}

/** out[r] = Σ_c x[r][c] over the first `cols` floats of each row, split by rows. */
export function sumCols(x: usize, stride: usize, rows: i32, cols: i32, out: usize): void {
  const tail = firstLanes(cols & 3);
  const from = lo(rows);
  x += stride * from;
  out += <usize>from << 2;
  for (let r = from, last = hi(rows); r < last; r++, x += stride, out += 4) {
    let sum = f32x4.splat(0);
    let p = x;
    for (const end = x + (<usize>(cols >> 2) << 4); p < end; p += 16) sum = f32x4.add(sum, v128.load(p));
    if (cols & 3) sum = f32x4.add(sum, v128.and(v128.load(p), tail));
    store<f32>(out, hsum(sum));
  }
}

/** out[c] = max_r x[r][c]. */
export function maxRows(x: usize, stride: usize, rows: i32, vectors: i32, out: usize): void {
  for (let v = 0; v < vectors; v++) {
    let largest = f32x4.splat(-Infinity);
    let p = x + (<usize>v << 4);
    for (let r = 0; r < rows; r++, p += stride) largest = f32x4.max(largest, v128.load(p));
    v128.store(out + (<usize>v << 4), largest);
  }
}

/** out[r] = max_c x[r][c], split by rows. */
export function maxCols(x: usize, stride: usize, rows: i32, cols: i32, out: usize): void {
  const tail = firstLanes(cols & 3);
  const low = f32x4.splat(-Infinity);
  const from = lo(rows);
  x += stride * from;
  out += <usize>from << 2;
  for (let r = from, last = hi(rows); r < last; r++, x += stride, out += 4) {
    let largest = low;
    let p = x;
    for (const end = x + (<usize>(cols >> 2) << 4); p < end; p += 16) largest = f32x4.max(largest, v128.load(p));
    if (cols & 3) largest = f32x4.max(largest, v128.bitselect(v128.load(p), low, tail));
    store<f32>(out, hmax(largest));
  }
}

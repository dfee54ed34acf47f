import { hi, lo, scratch } from './share';

// Philox 4x32-10 (Salmon 2011), four blocks at a time: lane i of c0 counts block + i.

const M0: u32 = 0xd2511f53;
const M1: u32 = 0xcd9e8d57;

/** Writes the 16 words of blocks `block` … `block` + 3 to `words`, in element order. */
@inline
function fourBlocks(words: usize, block: u32, step: u32, high: u32, k0: u32, k1: u32): void {
  const m0 = i32x4.splat(M0);
  const m1 = i32x4.splat(M1);
  let x0 = i32x4.add(i32x4.splat(block), i32x4(0, 1, 2, 3));
  let x1 = i32x4.splat(0);
  let x2 = i32x4.splat(step);
  let x3 = i32x4.splat(high);
  for (let i = 0; i < 10; i++) {
    const l0 = i64x2.extmul_low_i32x4_u(x0, m0);
    const h0 = i64x2.extmul_high_i32x4_u(x0, m0);
    const l1 = i64x2.extmul_low_i32x4_u(x2, m1);
    const h1 = i64x2.extmul_high_i32x4_u(x2, m1);
    x0 = v128.xor(v128.xor(i32x4.shuffle(l1, h1, 1, 3, 5, 7), x1), i32x4.splat(k0));
    x1 = i32x4.shuffle(l1, h1, 0, 2, 4, 6);
    x2 = v128.xor(v128.xor(i32x4.shuffle(l0, h0, 1, 3, 5, 7), x3), i32x4.splat(k1));
    x3 = i32x4.shuffle(l0, h0, 0, 2, 4, 6);
    k0 += 0x9e3779b9;
    k1 += 0xbb67ae85;
  }
  const a = i32x4.shuffle(x0, x1, 0, 4, 1, 5);
  const b = i32x4.shuffle(x2, x3, 0, 4, 1, 5);
  const c = i32x4.shuffle(x0, x1, 2, 6, 3, 7);
  const d = i32x4.shuffle(x2, x3, 2, 6, 3, 7);
  v128.store(words, i64x2.shuffle(a, b, 0, 2));
  v128.store(words, i64x2.shuffle(a, b, 1, 3), 16);
  v128.store(words, i64x2.shuffle(c, d, 0, 2), 32);
  v128.store(words, i64x2.shuffle(c, d, 1, 3), 48);
}

/**
 * Mask of inverted dropout: `scale` if the element's word ≥ threshold, else 0. Split by rows. philox: key and step
 * words.
 */
export function dropoutMask(philox: usize, stream: u32, threshold: u32, scale: f32, out: usize, stride: usize, rows: i32, cols: i32): void {
  const k0 = load<u32>(philox);
  const k1 = load<u32>(philox, 4);
  const step = load<u32>(philox, 8);
  const high = (stream << 16) + load<u32>(philox, 12);
  const limit = i32x4.splat(threshold);
  const kept = f32x4.splat(scale);
  const words = scratch();
  const vectors = (cols & 3) == 0;
  let row = lo(rows);
  let col = 0;
  // A share starts at a multiple of 4 rows, so at a whole block.
  const total = hi(rows) * cols;
  for (let e = row * cols; e < total; e += 16) {
    fourBlocks(words, <u32>e >> 2, step, high, k0, k1);
    const n = min(16, total - e);
    if (vectors) {
      for (let i: usize = 0; i < <usize>n; i += 4) {
        v128.store(out + stride * row + (<usize>col << 2), v128.and(i32x4.ge_u(v128.load(words + (i << 2)), limit), kept));
        col += 4;
        if (col == cols) {
          col = 0;
          row++;
        }
      }
      continue;
    }
    for (let i = 0; i < n; i++) {
      const word = load<u32>(words + (<usize>i << 2));
      store<f32>(out + stride * row + (<usize>col << 2), word >= threshold ? scale : 0);
      if (++col == cols) {
        col = 0;
        row++;
      }
    }
  }
}

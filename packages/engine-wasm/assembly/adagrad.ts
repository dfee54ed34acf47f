import { ROW_BLOCK, rowGradients, sumChain } from './rows';
import { hi, lo, scratch, shareNumber } from './share';

/** acc += g², step = μ·mom − η·g / √(acc + ε), mom = step, θ += step, over contiguous vectors. mom 0: no momentum. */
function descend(value: usize, acc: usize, mom: usize, gradient: usize, vectors: i32, rate: f32, momentum: f32, epsilon: f32): void {
  const eta = f32x4.splat(rate);
  const eps = f32x4.splat(epsilon);
  const mu = f32x4.splat(momentum);
  for (const end = value + (<usize>vectors << 4); value < end; value += 16, acc += 16, gradient += 16) {
    const g = v128.load(gradient);
    const a = f32x4.add(v128.load(acc), f32x4.mul(g, g));
    v128.store(acc, a);
    const scaled = f32x4.div(f32x4.mul(eta, g), f32x4.sqrt(f32x4.add(a, eps)));
    if (mom == 0) v128.store(value, f32x4.sub(v128.load(value), scaled));
    else {
      const step = f32x4.sub(f32x4.mul(mu, v128.load(mom)), scaled);
      v128.store(mom, step);
      v128.store(value, f32x4.add(v128.load(value), step));
      mom += 16;
    }
  }
}

/** The same for rows of `stride` bytes without gaps, split by rows. */
export function adagrad(value: usize, acc: usize, mom: usize, gradient: usize, rows: i32, stride: usize, rate: f32, momentum: f32, epsilon: f32): void {
  const from = stride * lo(rows);
  const vectors = <i32>((stride * hi(rows) - from + 15) >> 4);
  descend(value + from, acc + from, mom == 0 ? 0 : mom + from, gradient + from, vectors, rate, momentum, epsilon);
}

@inline
function adagradScalar(value: usize, acc: usize, mom: usize, g: f32, rate: f32, momentum: f32, epsilon: f32): void {
  const a = load<f32>(acc) + g * g;
  store<f32>(acc, a);
  let step: f32 = -(rate * g) / sqrt<f32>(a + epsilon);
  if (mom != 0) {
    step += momentum * load<f32>(mom);
    store<f32>(mom, step);
  }
  store<f32>(value, load<f32>(value) + step);
}

/** Loads one float of each 64-byte line of a row, so that its misses overlap with those of other rows. */
@inline
function touch(row: usize, bytes: usize): i32 {
  let x = 0;
  for (const end = row + bytes; row < end; row += 64) x ^= load<i32>(row);
  return x;
}

/** Bytes of a share's block of summed gradients, and of its list of row addresses. */
@inline
export function adagradRowsShareBytes(stride: usize): usize {
  return (stride + 4) * ROW_BLOCK;
}

/**
 * Row-sparse update that computes the product of the gradient block by block, split by distinct rows. Chains: see
 * rows.ts.
 */
export function adagradRows(count: usize, unique: usize, head: usize, next: usize, products: i32, sources: usize, k: i32, b: usize, ldb: usize, zeros: usize, blocks: usize, table: usize, acc: usize, mom: usize, stride: usize, vectors: i32, rate: f32, momentum: f32, epsilon: f32): void {
  const n = load<i32>(count);
  const block = blocks + adagradRowsShareBytes(stride) * shareNumber();
  const list = block + stride * ROW_BLOCK;
  let touched = 0;
  const last = hi(n);
  for (let from = lo(n); from < last; from += ROW_BLOCK) {
    const to = min(from + ROW_BLOCK, last);
    rowGradients(from, to, head, next, products, sources, k, b, ldb, zeros, list, block, stride, vectors);
    for (let u = from; u < to; u++) {
      const at = stride * load<i32>(unique + (<usize>u << 2));
      touched ^= touch(table + at, stride) ^ touch(acc + at, stride);
      if (mom != 0) touched ^= touch(mom + at, stride);
    }
    for (let u = from; u < to; u++) {
      const at = stride * load<i32>(unique + (<usize>u << 2));
      descend(table + at, acc + at, mom == 0 ? 0 : mom + at, block + stride * (u - from), vectors, rate, momentum, epsilon);
    }
  }
  store<i32>(scratch(), touched);
}

/**
 * Row-sparse update of a table of one column, split by distinct rows. sources[position] is the address of one float.
 */
export function adagradScalars(count: usize, unique: usize, head: usize, next: usize, sources: usize, table: usize, acc: usize, mom: usize, rate: f32, momentum: f32, epsilon: f32): void {
  const n = load<i32>(count);
  for (let u = lo(n), end = hi(n); u < end; u++) {
    const at = <usize>load<i32>(unique + (<usize>u << 2)) << 2;
    adagradScalar(table + at, acc + at, mom == 0 ? 0 : mom + at, sumChain(u, head, next, sources), rate, momentum, epsilon);
  }
}

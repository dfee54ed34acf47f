import { vexp, vlog } from './math';
import { hi, lo, shareCount, shareNumber } from './share';

/** Rows of `stride` bytes that a share keeps in `parts`: maximum, Z, Σ weight·s, Σ weight; then scratch. */
const PART_ROWS: i32 = 6;
const TOTAL: i32 = 1;
const SUM: i32 = 2;
const COUNT: i32 = 3;
const SCALE: i32 = 4;
const MEAN: i32 = 5;

/** Bytes that a share keeps in `parts`. */
@inline
export function crossEntropyExponentialsShareBytes(stride: usize): usize {
  return stride * PART_ROWS;
}

/**
 * First half of the weighted softmax cross-entropy (region `cross-entropy`), split by columns n. With s = scores −
 * correction and M the maximum of the share, gradient = weight·e^(s − M). Also computes the sums of the share.
 * scores [n][slots], weight [n], correction [n]; gradient [n][slots] may be `scores`. targets [slots] get s_bb.
 */
export function crossEntropyExponentials(scores: usize, stride: usize, n: i32, slots: i32, weight: usize, correction: usize, withSum: bool, gradient: usize, targets: usize, parts: usize): void {
  const vectors = (slots + 3) >> 2;
  const part = parts + crossEntropyExponentialsShareBytes(stride) * shareNumber();
  const from = lo(n);
  const to = hi(n);
  for (let v = 0; v < vectors; v++) {
    const o = part + (<usize>v << 4);
    v128.store(o, f32x4.splat(-3e38));
    v128.store(o + stride * TOTAL, f32x4.splat(0));
    v128.store(o + stride * SUM, f32x4.splat(0));
  }
  let count: f32 = 0;
  for (let i = from; i < to; i++) count += load<f32>(weight + (<usize>i << 2));
  store<f32>(part + stride * COUNT, count);
  for (let b = from, end = min(to, slots); b < end; b++) {
    const s = load<f32>(scores + (stride + 4) * b) - load<f32>(correction + (<usize>b << 2));
    store<f32>(targets + (<usize>b << 2), s);
  }
  const width = <usize>vectors << 4;
  maxima(scores, stride, from, to, width, weight, correction, part);
  // Before the exponentials, which may overwrite the scores.
  if (withSum) sums(scores, stride, from, to, width, weight, correction, part);
  exponentials(scores, stride, from, to, width, weight, correction, gradient, part);
}

/**
 * Second half: with Z over all shares, a = 1 − εN/(N−1), c = ε/(N−1):
 * perSlot[b] = live_b · L_b / batchSize and dL_b/ds_n = e_n / Z − a·[n = b] − c·w_n, in place.
 */
export function crossEntropyGradient(stride: usize, n: i32, slots: i32, weight: usize, live: usize, batchSize: f32, smoothing: f32, gradient: usize, perSlot: usize, targets: usize, parts: usize): void {
  const width = <usize>((slots + 3) >> 2) << 4;
  const size = crossEntropyExponentialsShareBytes(stride);
  const part = parts + size * shareNumber();
  let count: f32 = 0;
  for (let t = 0; t < shareCount(); t++) count += load<f32>(parts + size * t + stride * COUNT);
  const spread: f32 = smoothing > 0 ? smoothing / (count - 1) : 0;
  const own: f32 = 1 - spread * count;
  const mean = f32x4.splat(1 / batchSize);
  for (let o: usize = 0; o < width; o += 16) {
    let m = v128.load(parts + o);
    for (let t = 1; t < shareCount(); t++) m = f32x4.pmax(m, v128.load(parts + size * t + o));
    let z = f32x4.splat(0);
    let sum = f32x4.splat(0);
    for (let t = 0; t < shareCount(); t++) {
      const p = parts + size * t + o;
      z = f32x4.add(z, f32x4.mul(v128.load(p + stride * TOTAL), vexp(f32x4.sub(v128.load(p), m))));
      sum = f32x4.add(sum, v128.load(p + stride * SUM));
    }
    const factor = f32x4.mul(v128.load(live + o), mean);
    const logTotal = f32x4.add(vlog(z), m);
    const logTarget = f32x4.sub(v128.load(targets + o), logTotal);
    const all = f32x4.sub(sum, f32x4.mul(f32x4.splat(count), logTotal));
    const loss = f32x4.add(f32x4.mul(f32x4.splat(-own), logTarget), f32x4.mul(f32x4.splat(-spread), all));
    if (shareNumber() == 0) v128.store(perSlot + o, f32x4.mul(loss, factor));
    const down = vexp(f32x4.sub(v128.load(part + o), m));
    v128.store(part + stride * SCALE + o, f32x4.mul(down, f32x4.div(factor, z)));
    v128.store(part + stride * MEAN + o, factor);
  }
  const from = lo(n);
  const to = hi(n);
  for (let i = from; i < to; i++) {
    const g = gradient + stride * i;
    const even = f32x4.splat(-spread * load<f32>(weight + (<usize>i << 2)));
    for (let o: usize = 0; o < width; o += 16) {
      let d = f32x4.mul(v128.load(g + o), v128.load(part + stride * SCALE + o));
      if (spread != 0) d = f32x4.add(d, f32x4.mul(even, v128.load(part + stride * MEAN + o)));
      v128.store(g + o, d);
    }
  }
  for (let b = from, end = min(to, slots); b < end; b++) {
    const p = gradient + (stride + 4) * b;
    store<f32>(p, load<f32>(p) - own * load<f32>(part + stride * MEAN + (<usize>b << 2)));
  }
}

/** The amount to subtract from the scores of a row before they enter a maximum. Excludes rows of weight 0. */
@inline
function offset(weight: usize, correction: usize, i: i32): v128 {
  const at: usize = <usize>i << 2;
  return load<f32>(weight + at) > 0 ? v128.load_splat<f32>(correction + at) : f32x4.splat(Infinity);
}

/** Reads four rows at a time, as streams that the processor prefetches. Their sums stay in the first-level cache. */
function maxima(scores: usize, stride: usize, from: i32, to: i32, width: usize, weight: usize, correction: usize, part: usize): void {
  let i = from;
  for (; i + 4 <= to; i += 4) {
    const a = offset(weight, correction, i);
    const b = offset(weight, correction, i + 1);
    const c = offset(weight, correction, i + 2);
    const d = offset(weight, correction, i + 3);
    let p = scores + stride * i;
    for (let o = part, end = part + width; o < end; o += 16, p += 16) {
      const first = f32x4.pmax(f32x4.sub(v128.load(p), a), f32x4.sub(v128.load(p + stride), b));
      const second = f32x4.pmax(f32x4.sub(v128.load(p + stride * 2), c), f32x4.sub(v128.load(p + stride * 3), d));
      v128.store(o, f32x4.pmax(v128.load(o), f32x4.pmax(first, second)));
    }
  }
  for (; i < to; i++) {
    const a = offset(weight, correction, i);
    let p = scores + stride * i;
    for (let o = part, end = part + width; o < end; o += 16, p += 16) v128.store(o, f32x4.pmax(v128.load(o), f32x4.sub(v128.load(p), a)));
  }
}

/** gradient = w·e^(s − c − m) of one vector. */
@inline
function weighted(scores: usize, gradient: usize, weight: usize, correction: usize, m: v128): v128 {
  const s = f32x4.sub(v128.load(scores), v128.load_splat<f32>(correction));
  const e = f32x4.mul(v128.load_splat<f32>(weight), vexp(f32x4.sub(s, m)));
  v128.store(gradient, e);
  return e;
}

// Four exponentials at a time, here and in other kernels, because V8 materialises the constants of the polynomial in
// each iteration of a loop (3.6 ns per vector, and 2.4 ns with four).
function exponentials(scores: usize, stride: usize, from: i32, to: i32, width: usize, weight: usize, correction: usize, gradient: usize, part: usize): void {
  let i = from;
  for (; i + 4 <= to; i += 4) {
    const at: usize = <usize>i << 2;
    const w = weight + at;
    const c = correction + at;
    let p = scores + stride * i;
    let g = gradient + stride * i;
    for (let o = part, end = part + width; o < end; o += 16, p += 16, g += 16) {
      const m = v128.load(o);
      const first = f32x4.add(weighted(p, g, w, c, m), weighted(p + stride, g + stride, w + 4, c + 4, m));
      const p2 = p + stride * 2;
      const g2 = g + stride * 2;
      const second = f32x4.add(weighted(p2, g2, w + 8, c + 8, m), weighted(p2 + stride, g2 + stride, w + 12, c + 12, m));
      v128.store(o + stride * TOTAL, f32x4.add(v128.load(o + stride * TOTAL), f32x4.add(first, second)));
    }
  }
  for (; i < to; i++) {
    const at: usize = <usize>i << 2;
    let p = scores + stride * i;
    let g = gradient + stride * i;
    for (let o = part, end = part + width; o < end; o += 16, p += 16, g += 16) {
      const e = weighted(p, g, weight + at, correction + at, v128.load(o));
      v128.store(o + stride * TOTAL, f32x4.add(v128.load(o + stride * TOTAL), e));
    }
  }
}

/** Σ weight·s over rows, which label smoothing needs. */
function sums(scores: usize, stride: usize, from: i32, to: i32, width: usize, weight: usize, correction: usize, part: usize): void {
  for (let i = from; i < to; i++) {
    const at: usize = <usize>i << 2;
    const w = v128.load_splat<f32>(weight + at);
    const c = v128.load_splat<f32>(correction + at);
    let p = scores + stride * i;
    for (let o = part + stride * SUM, end = o + width; o < end; o += 16, p += 16) {
      v128.store(o, f32x4.add(v128.load(o), f32x4.mul(w, f32x4.sub(v128.load(p), c))));
    }
  }
}

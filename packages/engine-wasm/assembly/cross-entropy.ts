import { vexp, vlog } from './math';
import { hi, lo, shareCount, shareNumber } from './share';

/** Rows a block: 64 rows of 32 slots are 8 KB, in the first-level cache while the vectors are walked. */
const BLOCK: i32 = 64;

/** Rows of `stride` bytes that a share keeps in `parts`: maximum, Z, Σ weight·s, Σ weight; then scratch. */
export const CROSS_ENTROPY_PART: i32 = 6;
const MAXIMUM: i32 = 0;
const TOTAL: i32 = 1;
const SUM: i32 = 2;
const COUNT: i32 = 3;
const SCALE: i32 = 4;
const MEAN: i32 = 5;

/**
 * First half of the weighted softmax cross-entropy (region `cross-entropy`), split by columns n: with s = scores −
 * correction and M the share's own maximum, gradient = weight·e^(s − M), and the sums of the share.
 * scores [n][slots], weight [n], correction [n]; gradient [n][slots] may be `scores`. targets [slots] get s_bb.
 */
export function crossEntropyExponentials(scores: usize, stride: usize, n: i32, slots: i32, weight: usize, correction: usize, withSum: bool, gradient: usize, targets: usize, parts: usize): void {
  const vectors = (slots + 3) >> 2;
  const part = parts + stride * CROSS_ENTROPY_PART * shareNumber();
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
  for (let i = from; i < to; i += BLOCK) maxima(scores, stride, i, min(i + BLOCK, to), vectors, weight, correction, part);
  for (let i = from; i < to; i += BLOCK) exponentials(scores, stride, i, min(i + BLOCK, to), vectors, weight, correction, withSum, gradient, part);
}

/**
 * Second half: with Z over all shares, a = 1 − εN/(N−1), c = ε/(N−1):
 * perSlot[b] = live_b · L_b / batchSize and dL_b/ds_n = e_n / Z − a·[n = b] − c·w_n, in place.
 */
export function crossEntropyGradient(stride: usize, n: i32, slots: i32, weight: usize, live: usize, batchSize: f32, smoothing: f32, gradient: usize, perSlot: usize, targets: usize, parts: usize): void {
  const width = <usize>((slots + 3) >> 2) << 4;
  const size = stride * CROSS_ENTROPY_PART;
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

@inline
function maxima(scores: usize, stride: usize, from: i32, to: i32, vectors: i32, weight: usize, correction: usize, part: usize): void {
  for (let o: usize = 0; o < <usize>vectors << 4; o += 16) {
    let m = v128.load(part + o);
    let p = scores + stride * from + o;
    for (let i = from; i < to; i++, p += stride) {
      const w = load<f32>(weight + (<usize>i << 2));
      const s = f32x4.sub(v128.load(p), v128.load_splat<f32>(correction + (<usize>i << 2)));
      m = f32x4.pmax(m, w > 0 ? s : m);
    }
    v128.store(part + o, m);
  }
}

@inline
function exponentials(scores: usize, stride: usize, from: i32, to: i32, vectors: i32, weight: usize, correction: usize, withSum: bool, gradient: usize, part: usize): void {
  for (let o: usize = 0; o < <usize>vectors << 4; o += 16) {
    const m = v128.load(part + stride * MAXIMUM + o);
    let z = v128.load(part + stride * TOTAL + o);
    let sum = v128.load(part + stride * SUM + o);
    let p = stride * from + o;
    for (let i = from; i < to; i++, p += stride) {
      const w = v128.load_splat<f32>(weight + (<usize>i << 2));
      const s = f32x4.sub(v128.load(scores + p), v128.load_splat<f32>(correction + (<usize>i << 2)));
      const e = f32x4.mul(w, vexp(f32x4.sub(s, m)));
      v128.store(gradient + p, e);
      z = f32x4.add(z, e);
      if (withSum) sum = f32x4.add(sum, f32x4.mul(w, s));
    }
    v128.store(part + stride * TOTAL + o, z);
    v128.store(part + stride * SUM + o, sum);
  }
}

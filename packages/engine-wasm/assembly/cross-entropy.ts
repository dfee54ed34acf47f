import { vexp, vlog } from './math';

/** Rows a block: 64 rows of 32 slots are 8 KB, in the first-level cache while the vectors are walked. */
const BLOCK: i32 = 64;

/**
 * Weighted softmax cross-entropy with smoothing, value and gradient (region `cross-entropy`).
 * scores [n][slots], weight [n], live [slots], correction [n]; gradient [n][slots] may be `scores`.
 * perSlot[b] = live_b · L_b / batchSize. stats: 5 rows of `stride` bytes, overwritten.
 * dL_b/ds_n = e_n / Z − a·[n = b] − c·w_n with a = 1 − εN/(N−1), c = ε/(N−1).
 */
export function crossEntropy(scores: usize, stride: usize, n: i32, slots: i32, weight: usize, live: usize, correction: usize, batchSize: f32, smoothing: f32, gradient: usize, perSlot: usize, stats: usize): void {
  const vectors = (slots + 3) >> 2;
  const zero = f32x4.splat(0);
  const maximum = stats;
  const totals = stats + stride;
  const sums = totals + stride;
  const targets = sums + stride;
  const factors = targets + stride;
  for (let v = 0; v < vectors; v++) {
    v128.store(maximum + (<usize>v << 4), f32x4.splat(-3e38));
    v128.store(totals + (<usize>v << 4), zero);
    v128.store(sums + (<usize>v << 4), zero);
  }
  let count: f32 = 0;
  for (let i = 0; i < n; i++) count += load<f32>(weight + (<usize>i << 2));
  const spread: f32 = smoothing > 0 ? smoothing / (count - 1) : 0;
  const own: f32 = 1 - spread * count;
  for (let b = 0; b < slots; b++) {
    const s = load<f32>(scores + (stride + 4) * b) - load<f32>(correction + (<usize>b << 2));
    store<f32>(targets + (<usize>b << 2), s);
  }
  for (let i = 0; i < n; i += BLOCK) maxima(scores, stride, i, min(i + BLOCK, n), vectors, weight, correction, maximum);
  for (let i = 0; i < n; i += BLOCK) exponentials(scores, stride, i, min(i + BLOCK, n), vectors, weight, correction, smoothing > 0, gradient, stats);
  const mean = f32x4.splat(1 / batchSize);
  for (let o: usize = 0; o < <usize>vectors << 4; o += 16) {
    const z = v128.load(totals + o);
    const factor = f32x4.mul(v128.load(live + o), mean);
    const logTotal = f32x4.add(vlog(z), v128.load(maximum + o));
    const logTarget = f32x4.sub(v128.load(targets + o), logTotal);
    const all = f32x4.sub(v128.load(sums + o), f32x4.mul(f32x4.splat(count), logTotal));
    const loss = f32x4.add(f32x4.mul(f32x4.splat(-own), logTarget), f32x4.mul(f32x4.splat(-spread), all));
    v128.store(perSlot + o, f32x4.mul(loss, factor));
    v128.store(factors + o, f32x4.div(factor, z));
    v128.store(totals + o, factor);
  }
  for (let i = 0; i < n; i++) {
    const g = gradient + stride * i;
    const even = f32x4.splat(-spread * load<f32>(weight + (<usize>i << 2)));
    for (let o: usize = 0; o < <usize>vectors << 4; o += 16) {
      let d = f32x4.mul(v128.load(g + o), v128.load(factors + o));
      if (spread != 0) d = f32x4.add(d, f32x4.mul(even, v128.load(totals + o)));
      v128.store(g + o, d);
    }
  }
  for (let b = 0; b < slots; b++) {
    const p = gradient + (stride + 4) * b;
    store<f32>(p, load<f32>(p) - own * load<f32>(totals + (<usize>b << 2)));
  }
}

@inline
function maxima(scores: usize, stride: usize, from: i32, to: i32, vectors: i32, weight: usize, correction: usize, maximum: usize): void {
  for (let o: usize = 0; o < <usize>vectors << 4; o += 16) {
    let m = v128.load(maximum + o);
    let p = scores + stride * from + o;
    for (let i = from; i < to; i++, p += stride) {
      const w = load<f32>(weight + (<usize>i << 2));
      const s = f32x4.sub(v128.load(p), v128.load_splat<f32>(correction + (<usize>i << 2)));
      m = f32x4.pmax(m, w > 0 ? s : m);
    }
    v128.store(maximum + o, m);
  }
}

@inline
function exponentials(scores: usize, stride: usize, from: i32, to: i32, vectors: i32, weight: usize, correction: usize, withSum: bool, gradient: usize, stats: usize): void {
  for (let o: usize = 0; o < <usize>vectors << 4; o += 16) {
    const m = v128.load(stats + o);
    let z = v128.load(stats + stride + o);
    let sum = v128.load(stats + stride * 2 + o);
    let p = stride * from + o;
    for (let i = from; i < to; i++, p += stride) {
      const w = v128.load_splat<f32>(weight + (<usize>i << 2));
      const s = f32x4.sub(v128.load(scores + p), v128.load_splat<f32>(correction + (<usize>i << 2)));
      const e = f32x4.mul(w, vexp(f32x4.sub(s, m)));
      v128.store(gradient + p, e);
      z = f32x4.add(z, e);
      if (withSum) sum = f32x4.add(sum, f32x4.mul(w, s));
    }
    v128.store(stats + stride + o, z);
    v128.store(stats + stride * 2 + o, sum);
  }
}

import { velu, vexp, vlog } from './math';
import { hi, lo, shareCount, shareNumber } from './share';

const BLOCK: i32 = 64;
/** Upper bound of e^(M − d), so that its product with a softmax weight stays finite. */
const CEILING: f32 = 1e30;
const EPSILON: f32 = 1e-24;

/** Rows of `stride` bytes that a share keeps in `parts`: its maximum, then its sums Z, A, R, C; then scratch. */
const PART_ROWS: i32 = 11;
const SUMS: i32 = 1;
const TOTALS: i32 = 5;

/** Bytes that a share keeps in `parts`. */
@inline
export function bprMaxActivateShareBytes(stride: usize): usize {
  return stride * PART_ROWS;
}

// BPR-max with its final activation (elu or linear), value and gradient (region `bpr-max`), in three steps, each split
// by columns n. scores [n][slots], weight [n], live [slots]; gradient [n][slots] may be `scores`.
//
// With w the softmax without the own column, σ_n = σ(d − s_n), A = Σ wσ, R = Σ ws², C = Σ wσ(1 − σ):
// dL/ds_n = w_n·((A − σ_n²)/(A + ε) + bpreg·(s_n² − R + 2s_n)), dL/dd = −C/(A + ε).

/** First step: gradient = finalAct(scores), the maximum of the share without own columns, targets [slots] = s_bb. */
export function bprMaxActivate(scores: usize, stride: usize, n: i32, slots: i32, weight: usize, elu: bool, alpha: f32, gradient: usize, targets: usize, parts: usize): void {
  const width = <usize>((slots + 3) >> 2) << 4;
  const part = parts + bprMaxActivateShareBytes(stride) * shareNumber();
  const from = lo(n);
  const to = hi(n);
  for (let o: usize = 0; o < width; o += 16) v128.store(part + o, f32x4.splat(-3e38));
  for (let i = from; i < to; i += BLOCK) activated(scores, stride, i, min(i + BLOCK, to), slots, width, weight, elu, alpha, gradient, part);
  for (let b = from, end = min(to, slots); b < end; b++) store<f32>(targets + (<usize>b << 2), load<f32>(gradient + (stride + 4) * b));
}

/** Second step: the sums of the share, relative to its own maximum. */
export function bprMaxMoments(activation: usize, stride: usize, n: i32, slots: i32, weight: usize, targets: usize, parts: usize): void {
  const width = <usize>((slots + 3) >> 2) << 4;
  const part = parts + bprMaxActivateShareBytes(stride) * shareNumber();
  const to = hi(n);
  for (let row: usize = 0; row < 4; row++) memory.fill(part + stride * (SUMS + row), 0, width);
  for (let i = lo(n); i < to; i += BLOCK) moments(activation, stride, i, min(i + BLOCK, to), slots, width, weight, targets, part);
}

/**
 * Third step: the loss from the sums of all shares, and the gradient in place. perSlot[b] = live_b · L_b / batchSize.
 */
export function bprMaxGradient(stride: usize, n: i32, slots: i32, weight: usize, live: usize, elu: bool, alpha: f32, bpreg: f32, batchSize: f32, gradient: usize, perSlot: usize, targets: usize, parts: usize): void {
  const width = <usize>((slots + 3) >> 2) << 4;
  const size = bprMaxActivateShareBytes(stride);
  const totals = parts + size * shareNumber() + stride * TOTALS;
  for (let o: usize = 0; o < width; o += 16) {
    let m = v128.load(parts + o);
    for (let t = 1; t < shareCount(); t++) m = f32x4.pmax(m, v128.load(parts + size * t + o));
    const factor = f32x4.mul(v128.load(live + o), f32x4.splat(1 / batchSize));
    const inverse = f32x4.div(f32x4.splat(1), together(parts, size, stride, 0, o, m));
    const a = f32x4.mul(together(parts, size, stride, 1, o, m), inverse);
    const r = f32x4.mul(together(parts, size, stride, 2, o, m), inverse);
    const c = f32x4.mul(together(parts, size, stride, 3, o, m), inverse);
    const ae = f32x4.add(a, f32x4.splat(EPSILON));
    if (shareNumber() == 0) v128.store(perSlot + o, f32x4.mul(factor, f32x4.sub(f32x4.mul(f32x4.splat(bpreg), r), vlog(ae))));
    v128.store(totals + o, m);
    v128.store(totals + stride + o, f32x4.mul(inverse, factor));
    v128.store(totals + stride * 2 + o, a);
    v128.store(totals + stride * 3 + o, r);
    v128.store(totals + stride * 4 + o, f32x4.neg(f32x4.mul(factor, f32x4.div(c, ae))));
    v128.store(totals + stride * 5 + o, f32x4.div(f32x4.splat(1), ae));
  }
  const from = lo(n);
  const to = hi(n);
  for (let i = from; i < to; i += BLOCK) gradients(stride, i, min(i + BLOCK, to), width, weight, elu, alpha, bpreg, gradient, targets, totals);
  for (let b = from, end = min(to, slots); b < end; b++) {
    const d = load<f32>(targets + (<usize>b << 2));
    const slope: f32 = elu && d <= 0 ? d + alpha : 1;
    store<f32>(gradient + (stride + 4) * b, load<f32>(totals + stride * 4 + (<usize>b << 2)) * slope);
  }
}

/** One of the sums over all shares, relative to their common maximum m. */
@inline
function together(parts: usize, size: usize, stride: usize, which: usize, o: usize, m: v128): v128 {
  let sum = f32x4.splat(0);
  for (let t = 0; t < shareCount(); t++) {
    const part = parts + size * t + o;
    sum = f32x4.add(sum, f32x4.mul(v128.load(part + stride * (SUMS + which)), vexp(f32x4.sub(v128.load(part), m))));
  }
  return sum;
}

/** Lanes of the vector at byte offset `o` whose slot is not `row`. */
@inline
function others(row: i32, o: usize): v128 {
  return i32x4.ne(i32x4.splat(row - <i32>(o >> 2)), i32x4(0, 1, 2, 3));
}

/** s = finalAct(scores) of one vector. */
@inline
function activate(scores: usize, gradient: usize, elu: bool, alpha: v128): v128 {
  let s = v128.load(scores);
  if (elu) s = velu(s, alpha);
  v128.store(gradient, s);
  return s;
}

/** The greater of m and the scores of row i, if the row counts. The own column does not count. */
@inline
function greatest(m: v128, s: v128, i: i32, slots: i32, o: usize, weight: usize): v128 {
  if (!(load<f32>(weight + (<usize>i << 2)) > 0)) return m;
  return f32x4.pmax(m, i < slots ? v128.bitselect(s, m, others(i, o)) : s);
}

// Several rows at a time, which makes exponentials cheaper: see cross-entropy.ts.
function activated(scores: usize, stride: usize, from: i32, to: i32, slots: i32, width: usize, weight: usize, elu: bool, alpha: f32, gradient: usize, part: usize): void {
  const va = f32x4.splat(alpha);
  for (let o: usize = 0; o < width; o += 16) {
    let m = v128.load(part + o);
    let p = scores + stride * from + o;
    let g = gradient + stride * from + o;
    let i = from;
    for (; i + 4 <= to; i += 4, p += stride * 4, g += stride * 4) {
      const s0 = activate(p, g, elu, va);
      const s1 = activate(p + stride, g + stride, elu, va);
      const s2 = activate(p + stride * 2, g + stride * 2, elu, va);
      const s3 = activate(p + stride * 3, g + stride * 3, elu, va);
      m = greatest(m, s0, i, slots, o, weight);
      m = greatest(m, s1, i + 1, slots, o, weight);
      m = greatest(m, s2, i + 2, slots, o, weight);
      m = greatest(m, s3, i + 3, slots, o, weight);
    }
    for (; i < to; i++, p += stride, g += stride) m = greatest(m, activate(p, g, elu, va), i, slots, o, weight);
    v128.store(part + o, m);
  }
}

@inline
function ratioToTarget(m: v128, d: v128): v128 {
  return f32x4.pmin(vexp(f32x4.sub(m, d)), f32x4.splat(CEILING));
}

/** σ(d − s) of e = e^(s − M) and the ratio e^(M − d). */
@inline
function winning(e: v128, ratio: v128): v128 {
  return f32x4.div(f32x4.splat(1), f32x4.add(f32x4.splat(1), f32x4.mul(e, ratio)));
}

/** weight·e of row i, 0 in its own column. */
@inline
function counted(e: v128, i: i32, slots: i32, o: usize, weight: usize): v128 {
  const w = f32x4.mul(v128.load_splat<f32>(weight + (<usize>i << 2)), e);
  return i < slots ? v128.and(w, others(i, o)) : w;
}

function moments(activated: usize, stride: usize, from: i32, to: i32, slots: i32, width: usize, weight: usize, targets: usize, part: usize): void {
  for (let o: usize = 0; o < width; o += 16) {
    const m = v128.load(part + o);
    const ratio = ratioToTarget(m, v128.load(targets + o));
    const sums = part + stride * SUMS + o;
    let p = activated + stride * from + o;
    let i = from;
    for (; i + 2 <= to; i += 2, p += stride * 2) {
      const s0 = v128.load(p);
      const s1 = v128.load(p + stride);
      const e0 = vexp(f32x4.sub(s0, m));
      const e1 = vexp(f32x4.sub(s1, m));
      addMoments(sums, stride, s0, counted(e0, i, slots, o, weight), winning(e0, ratio));
      addMoments(sums, stride, s1, counted(e1, i + 1, slots, o, weight), winning(e1, ratio));
    }
    if (i < to) {
      const s = v128.load(p);
      const e = vexp(f32x4.sub(s, m));
      addMoments(sums, stride, s, counted(e, i, slots, o, weight), winning(e, ratio));
    }
  }
}

/** Adds one row to the sums Z, A, R and C of a vector. */
@inline
function addMoments(sums: usize, stride: usize, s: v128, w: v128, win: v128): void {
  const ww = f32x4.mul(w, win);
  addTo(sums, w);
  addTo(sums + stride, ww);
  addTo(sums + stride * 2, f32x4.mul(w, f32x4.mul(s, s)));
  addTo(sums + stride * 3, f32x4.mul(ww, f32x4.sub(f32x4.splat(1), win)));
}

@inline
function addTo(p: usize, x: v128): void {
  v128.store(p, f32x4.add(v128.load(p), x));
}

@inline
function gradients(stride: usize, from: i32, to: i32, width: usize, weight: usize, elu: bool, alpha: f32, bpreg: f32, gradient: usize, targets: usize, totals: usize): void {
  const va = f32x4.splat(alpha);
  const reg = f32x4.splat(bpreg);
  for (let o: usize = 0; o < width; o += 16) {
    const t = totals + o;
    const ratio = ratioToTarget(v128.load(t), v128.load(targets + o));
    let p = gradient + stride * from + o;
    let w = weight + (<usize>from << 2);
    let i = from;
    for (; i + 4 <= to; i += 4, p += stride * 4, w += 16) {
      turn(p, w, t, stride, ratio, reg, elu, va);
      turn(p + stride, w + 4, t, stride, ratio, reg, elu, va);
      turn(p + stride * 2, w + 8, t, stride, ratio, reg, elu, va);
      turn(p + stride * 3, w + 12, t, stride, ratio, reg, elu, va);
    }
    for (; i < to; i++, p += stride, w += 4) turn(p, w, t, stride, ratio, reg, elu, va);
  }
}

/** Turns one vector of activations into their gradient. */
@inline
function turn(p: usize, weight: usize, totals: usize, stride: usize, ratio: v128, bpreg: v128, elu: bool, alpha: v128): void {
  const s = v128.load(p);
  const e = vexp(f32x4.sub(s, v128.load(totals)));
  const win = winning(e, ratio);
  const a = v128.load(totals + stride * 2);
  const r = v128.load(totals + stride * 3);
  const rank = f32x4.mul(f32x4.sub(a, f32x4.mul(win, win)), v128.load(totals + stride * 5));
  const norm = f32x4.sub(f32x4.mul(s, f32x4.add(s, f32x4.splat(2))), r);
  const w = f32x4.mul(f32x4.mul(v128.load_splat<f32>(weight), e), v128.load(totals + stride));
  let g = f32x4.mul(w, f32x4.add(rank, f32x4.mul(bpreg, norm)));
  if (elu) g = f32x4.mul(g, v128.bitselect(f32x4.splat(1), f32x4.add(s, alpha), f32x4.gt(s, f32x4.splat(0))));
  v128.store(p, g);
}

import { velu, vexp, vlog } from './math';

const BLOCK: i32 = 64;
/** e^(M − d) is held below this, so that its product with a softmax weight stays finite. */
const CEILING: f32 = 1e30;
const EPSILON: f32 = 1e-24;

/**
 * BPR-max with its final activation (elu, or linear), value and gradient (region `bpr-max`).
 * scores [n][slots], weight [n], live [slots]; gradient [n][slots] may not be `scores`.
 * perSlot[b] = live_b · L_b / batchSize. stats: 7 rows of `stride` bytes, overwritten.
 *
 * With w the softmax without the own column, σ_n = σ(d − s_n), A = Σ wσ, R = Σ ws², C = Σ wσ(1 − σ):
 * dL/ds_n = w_n·((A − σ_n²)/(A + ε) + bpreg·(s_n² − R + 2s_n)), dL/dd = −C/(A + ε).
 */
export function bprMax(scores: usize, stride: usize, n: i32, slots: i32, weight: usize, live: usize, elu: bool, alpha: f32, bpreg: f32, batchSize: f32, gradient: usize, perSlot: usize, stats: usize): void {
  const vectors = (slots + 3) >> 2;
  const width = <usize>vectors << 4;
  const targets = stats + stride;
  for (let o: usize = 0; o < width; o += 16) {
    v128.store(stats + o, f32x4.splat(-3e38));
    for (let row: usize = 2; row < 7; row++) v128.store(stats + stride * row + o, f32x4.splat(0));
  }
  for (let i = 0; i < n; i += BLOCK) activated(scores, stride, i, min(i + BLOCK, n), width, weight, elu, alpha, gradient, stats);
  for (let b = 0; b < slots; b++) store<f32>(targets + (<usize>b << 2), load<f32>(gradient + (stride + 4) * b));
  for (let i = 0; i < n; i += BLOCK) moments(gradient, stride, i, min(i + BLOCK, n), width, weight, stats);
  for (let o: usize = 0; o < width; o += 16) {
    const factor = f32x4.mul(v128.load(live + o), f32x4.splat(1 / batchSize));
    const inverse = f32x4.div(f32x4.splat(1), v128.load(stats + stride * 2 + o));
    const a = f32x4.mul(v128.load(stats + stride * 3 + o), inverse);
    const r = f32x4.mul(v128.load(stats + stride * 4 + o), inverse);
    const c = f32x4.mul(v128.load(stats + stride * 5 + o), inverse);
    const ae = f32x4.add(a, f32x4.splat(EPSILON));
    v128.store(perSlot + o, f32x4.mul(factor, f32x4.sub(f32x4.mul(f32x4.splat(bpreg), r), vlog(ae))));
    v128.store(stats + stride * 2 + o, f32x4.mul(inverse, factor));
    v128.store(stats + stride * 3 + o, a);
    v128.store(stats + stride * 4 + o, r);
    v128.store(stats + stride * 5 + o, f32x4.neg(f32x4.mul(factor, f32x4.div(c, ae))));
    v128.store(stats + stride * 6 + o, f32x4.div(f32x4.splat(1), ae));
  }
  for (let i = 0; i < n; i += BLOCK) gradients(stride, i, min(i + BLOCK, n), width, weight, elu, alpha, bpreg, gradient, stats);
  for (let b = 0; b < slots; b++) {
    const d = load<f32>(targets + (<usize>b << 2));
    const slope: f32 = elu && d <= 0 ? d + alpha : 1;
    store<f32>(gradient + (stride + 4) * b, load<f32>(stats + stride * 5 + (<usize>b << 2)) * slope);
  }
}

/** Lanes of the vector at byte offset `o` whose slot is not `row`. */
@inline
function others(row: i32, o: usize): v128 {
  return i32x4.ne(i32x4.splat(row - <i32>(o >> 2)), i32x4(0, 1, 2, 3));
}

@inline
function activated(scores: usize, stride: usize, from: i32, to: i32, width: usize, weight: usize, elu: bool, alpha: f32, gradient: usize, stats: usize): void {
  const va = f32x4.splat(alpha);
  for (let o: usize = 0; o < width; o += 16) {
    let m = v128.load(stats + o);
    let p = stride * from + o;
    for (let i = from; i < to; i++, p += stride) {
      let s = v128.load(scores + p);
      if (elu) s = velu(s, va);
      v128.store(gradient + p, s);
      if (load<f32>(weight + (<usize>i << 2)) > 0) m = f32x4.pmax(m, v128.bitselect(s, m, others(i, o)));
    }
    v128.store(stats + o, m);
  }
}

@inline
function ratioToTarget(m: v128, d: v128): v128 {
  return f32x4.pmin(vexp(f32x4.sub(m, d)), f32x4.splat(CEILING));
}

@inline
function moments(activated: usize, stride: usize, from: i32, to: i32, width: usize, weight: usize, stats: usize): void {
  const one = f32x4.splat(1);
  for (let o: usize = 0; o < width; o += 16) {
    const m = v128.load(stats + o);
    const ratio = ratioToTarget(m, v128.load(stats + stride + o));
    let z = v128.load(stats + stride * 2 + o);
    let a = v128.load(stats + stride * 3 + o);
    let r = v128.load(stats + stride * 4 + o);
    let c = v128.load(stats + stride * 5 + o);
    let p = activated + stride * from + o;
    for (let i = from; i < to; i++, p += stride) {
      const s = v128.load(p);
      const e = vexp(f32x4.sub(s, m));
      const win = f32x4.div(one, f32x4.add(one, f32x4.mul(e, ratio)));
      const w = v128.and(f32x4.mul(v128.load_splat<f32>(weight + (<usize>i << 2)), e), others(i, o));
      const ww = f32x4.mul(w, win);
      z = f32x4.add(z, w);
      a = f32x4.add(a, ww);
      r = f32x4.add(r, f32x4.mul(w, f32x4.mul(s, s)));
      c = f32x4.add(c, f32x4.mul(ww, f32x4.sub(one, win)));
    }
    v128.store(stats + stride * 2 + o, z);
    v128.store(stats + stride * 3 + o, a);
    v128.store(stats + stride * 4 + o, r);
    v128.store(stats + stride * 5 + o, c);
  }
}

@inline
function gradients(stride: usize, from: i32, to: i32, width: usize, weight: usize, elu: bool, alpha: f32, bpreg: f32, gradient: usize, stats: usize): void {
  const one = f32x4.splat(1);
  const va = f32x4.splat(alpha);
  for (let o: usize = 0; o < width; o += 16) {
    const m = v128.load(stats + o);
    const ratio = ratioToTarget(m, v128.load(stats + stride + o));
    const scale = v128.load(stats + stride * 2 + o);
    const a = v128.load(stats + stride * 3 + o);
    const r = v128.load(stats + stride * 4 + o);
    const ia = v128.load(stats + stride * 6 + o);
    let p = gradient + stride * from + o;
    for (let i = from; i < to; i++, p += stride) {
      const s = v128.load(p);
      const e = vexp(f32x4.sub(s, m));
      const win = f32x4.div(one, f32x4.add(one, f32x4.mul(e, ratio)));
      const rank = f32x4.mul(f32x4.sub(a, f32x4.mul(win, win)), ia);
      const norm = f32x4.sub(f32x4.mul(s, f32x4.add(s, f32x4.splat(2))), r);
      const w = f32x4.mul(f32x4.mul(v128.load_splat<f32>(weight + (<usize>i << 2)), e), scale);
      let g = f32x4.mul(w, f32x4.add(rank, f32x4.mul(f32x4.splat(bpreg), norm)));
      if (elu) g = f32x4.mul(g, v128.bitselect(one, f32x4.add(s, va), f32x4.gt(s, f32x4.splat(0))));
      v128.store(p, g);
    }
  }
}

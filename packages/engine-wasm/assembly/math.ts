// Functions of four floats. test/math.test.ts measures their errors over the float range.

/** s·x + a, with one rounding in the relaxed SIMD build and two in the plain one. */
@inline
export function madd(s: v128, x: v128, a: v128): v128 {
  if (ASC_FEATURE_RELAXED_SIMD) return f32x4.relaxed_madd(s, x, a);
  return f32x4.add(f32x4.mul(s, x), a);
}

/** e^x, relative error 1.1e-7. x is clamped to [−87, 88], so results stay normal and finite (Cephes expf). */
@inline
export function vexp(x: v128): v128 {
  x = f32x4.pmax(f32x4.pmin(x, f32x4.splat(88.0)), f32x4.splat(-87.0));
  // Adding 1.5·2²³ rounds to an integer, which is then in the low bits.
  const t = madd(x, f32x4.splat(1.44269504088896341), f32x4.splat(12582912.0));
  const n = f32x4.sub(t, f32x4.splat(12582912.0));
  let r = madd(n, f32x4.splat(-0.693359375), x);
  r = madd(n, f32x4.splat(2.1219444e-4), r);
  let p = f32x4.splat(1.98756915e-4);
  p = madd(p, r, f32x4.splat(1.3981999507e-3));
  p = madd(p, r, f32x4.splat(8.3334519073e-3));
  p = madd(p, r, f32x4.splat(4.1665795894e-2));
  p = madd(p, r, f32x4.splat(1.6666665459e-1));
  p = madd(p, r, f32x4.splat(5.0000001201e-1));
  p = madd(p, f32x4.mul(r, r), f32x4.add(r, f32x4.splat(1.0)));
  return i32x4.add(p, i32x4.shl(t, 23));
}

/** 1 / (1 + e^−x). */
@inline
export function vsigmoid(x: v128): v128 {
  return f32x4.div(f32x4.splat(1.0), f32x4.add(f32x4.splat(1.0), vexp(f32x4.neg(x))));
}

/** tanh x: 1 − 2 / (1 + e^2x), and an odd polynomial for |x| < 0.625 where that cancels (Cephes tanhf). */
@inline
export function vtanh(x: v128): v128 {
  const one = f32x4.splat(1.0);
  const far = f32x4.sub(one, f32x4.div(f32x4.splat(2.0), f32x4.add(one, vexp(f32x4.add(x, x)))));
  const z = f32x4.mul(x, x);
  let p = f32x4.splat(-5.70498872745e-3);
  p = madd(p, z, f32x4.splat(2.06390887954e-2));
  p = madd(p, z, f32x4.splat(-5.37397155531e-2));
  p = madd(p, z, f32x4.splat(1.33314422036e-1));
  p = madd(p, z, f32x4.splat(-3.33332819422e-1));
  const near = madd(f32x4.mul(p, z), x, x);
  return v128.bitselect(near, far, f32x4.lt(f32x4.abs(x), f32x4.splat(0.625)));
}

/** ln x for positive normal x (Cephes logf), −∞ at 0, NaN below. */
@inline
export function vlog(x: v128): v128 {
  const positive = f32x4.gt(x, f32x4.splat(0.0));
  const bits = f32x4.max(x, f32x4.splat(1.17549435e-38));
  let e = f32x4.convert_i32x4_s(i32x4.sub(i32x4.shr_u(bits, 23), i32x4.splat(126)));
  let m = v128.or(v128.and(bits, i32x4.splat(0x007fffff)), i32x4.splat(0x3f000000));
  const small = f32x4.lt(m, f32x4.splat(0.707106781186547524));
  e = f32x4.sub(e, v128.and(small, f32x4.splat(1.0)));
  m = f32x4.sub(f32x4.add(m, v128.and(small, m)), f32x4.splat(1.0));
  const z = f32x4.mul(m, m);
  let p = f32x4.splat(7.0376836292e-2);
  p = madd(p, m, f32x4.splat(-1.151461031e-1));
  p = madd(p, m, f32x4.splat(1.1676998740e-1));
  p = madd(p, m, f32x4.splat(-1.2420140846e-1));
  p = madd(p, m, f32x4.splat(1.4249322787e-1));
  p = madd(p, m, f32x4.splat(-1.6668057665e-1));
  p = madd(p, m, f32x4.splat(2.0000714765e-1));
  p = madd(p, m, f32x4.splat(-2.4999993993e-1));
  p = madd(p, m, f32x4.splat(3.3333331174e-1));
  let y = f32x4.mul(f32x4.mul(p, m), z);
  y = madd(e, f32x4.splat(-2.12194440e-4), y);
  y = madd(z, f32x4.splat(-0.5), y);
  y = f32x4.add(m, y);
  y = madd(e, f32x4.splat(0.693359375), y);
  const atZero = f32x4.div(f32x4.splat(-1.0), f32x4.abs(x));
  const notPositive = v128.bitselect(atZero, f32x4.splat(NaN), f32x4.eq(x, f32x4.splat(0.0)));
  const infinite = f32x4.eq(x, f32x4.splat(Infinity));
  return v128.bitselect(v128.bitselect(x, y, infinite), notPositive, positive);
}

/** elu(x) = x above 0, alpha·(e^x − 1) below. */
@inline
export function velu(x: v128, alpha: v128): v128 {
  const below = f32x4.mul(alpha, f32x4.sub(vexp(f32x4.pmin(x, f32x4.splat(0.0))), f32x4.splat(1.0)));
  return v128.bitselect(x, below, f32x4.gt(x, f32x4.splat(0.0)));
}

/** Sum of the four lanes. */
@inline
export function hsum(a: v128): f32 {
  a = f32x4.add(a, i32x4.shuffle(a, a, 2, 3, 0, 1));
  a = f32x4.add(a, i32x4.shuffle(a, a, 1, 0, 3, 2));
  return f32x4.extract_lane(a, 0);
}

/** Maximum of the four lanes. */
@inline
export function hmax(a: v128): f32 {
  a = f32x4.max(a, i32x4.shuffle(a, a, 2, 3, 0, 1));
  a = f32x4.max(a, i32x4.shuffle(a, a, 1, 0, 3, 2));
  return f32x4.extract_lane(a, 0);
}

/** All bits set in the first n lanes, n ≤ 4 (more counts as 4). */
@inline
export function firstLanes(n: i32): v128 {
  return i32x4.lt_s(i32x4(0, 1, 2, 3), i32x4.splat(n));
}

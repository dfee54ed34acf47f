// Functions of vectors, with the polynomials of Cephes (Moshier). test/math.test.ts measures their errors over the float range.
#pragma once
#include "simd.h"

/** e^x, relative error 2e-7. x is clamped to [−87, 88], so results stay normal and finite (Cephes expf). */
INLINE V vexp(V x) {
  x = maximum(minimum(x, splat(88.0f)), splat(-87.0f));
  // Adding 1.5·2²³ rounds to an integer, which is then in the low bits.
  const V t = x * 1.44269504088896341f + 12582912.0f;
  const V n = t - 12582912.0f;
  V r = n * -0.693359375f + x;
  r = n * 2.1219444e-4f + r;
  V p = r * 1.98756915e-4f + 1.3981999507e-3f;
  p = p * r + 8.3334519073e-3f;
  p = p * r + 4.1665795894e-2f;
  p = p * r + 1.6666665459e-1f;
  p = p * r + 5.0000001201e-1f;
  p = p * (r * r) + (r + 1.0f);
  return (V)((VU)p + ((VU)t << 23));
}

/**
 * e^x for a softmax, x ≤ 0; 0 below −64, which is less than sums of float32 notice. The gradients of such parts would be subnormal
 * numbers: with hard negatives most are, and Intel's processors took 40 times as long for a step.
 */
INLINE V vexp_share(V x) { return pick(less(x, splat(-64.0f)), splat(0), vexp(x)); }

/** 1 / (1 + e^−x). */
INLINE V vsigmoid(V x) { return 1.0f / (1.0f + vexp(-x)); }

/** tanh x: 1 − 2 / (1 + e^2x), and an odd polynomial for |x| < 0.625, where that cancels (Cephes tanhf). */
INLINE V vtanh(V x) {
  const V far = 1.0f - 2.0f / (1.0f + vexp(x + x));
  const V z = x * x;
  V p = z * -5.70498872745e-3f + 2.06390887954e-2f;
  p = p * z + -5.37397155531e-2f;
  p = p * z + 1.33314422036e-1f;
  p = p * z + -3.33332819422e-1f;
  return pick(less(magnitude(x), splat(0.625f)), (p * z) * x + x, far);
}

/** ln x: −∞ at 0, NaN below, ∞ at ∞ (Cephes logf). */
INLINE V vlog(V x) {
  const V bits = maximum(x, splat(1.17549435e-38f));
  V e = to_float((VI)(((VU)bits >> 23) - 126u));
  V m = (V)(((VU)bits & 0x007fffffu) | 0x3f000000u);
  const M small = less(m, splat(0.707106781186547524f));
  e = e - pick(small, splat(1.0f), splat(0.0f));
  m = m + pick(small, m, splat(0.0f)) - 1.0f;
  const V z = m * m;
  V p = m * 7.0376836292e-2f + -1.151461031e-1f;
  p = p * m + 1.1676998740e-1f;
  p = p * m + -1.2420140846e-1f;
  p = p * m + 1.4249322787e-1f;
  p = p * m + -1.6668057665e-1f;
  p = p * m + 2.0000714765e-1f;
  p = p * m + -2.4999993993e-1f;
  p = p * m + 3.3333331174e-1f;
  V y = (p * m) * z;
  y = e * -2.12194440e-4f + y;
  y = z * -0.5f + y;
  y = m + y;
  y = e * 0.693359375f + y;
  y = pick(equal(x, splat(INFINITY)), x, y);
  y = pick(equal(x, splat(0.0f)), splat(-INFINITY), y);
  return pick(less(x, splat(0.0f)), splat(NAN), pick(nan_lanes(x), x, y));
}

/** elu(x) = x above 0, alpha·(e^x − 1) below. */
INLINE V velu(V x, V alpha) {
  return pick(greater(x, splat(0.0f)), x, alpha * (vexp(minimum(x, splat(0.0f))) - 1.0f));
}

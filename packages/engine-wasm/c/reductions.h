// Sums and maxima of rows and columns.
#pragma once
#include "simd.h"

/** out[c] = Σ_r x[r][c]. Strides in bytes. */
KERNEL(SUM_ROWS) {
  EACH_VECTOR(x.vectors * 4) {
    V sum = splat(0);
    const float *p = (const float *)x.x + o;
    for (int r = 0; r < x.rows; r++, p = CONST_STEP(p, x.stride)) sum += load_lanes(p, m);
    store_lanes((float *)x.out + o, m, sum);
  }
}

/** out[r] = Σ_c x[r][c], split by rows. */
KERNEL(SUM_COLS) {
  float *out = x.out;
  for (int r = x.from; r < x.to; r++) {
    const float *p = CONST_STEP(x.x, x.stride * r);
    V sum = splat(0);
    int j = 0;
    for (; j + W <= x.cols; j += W) sum += load(p + j);
    if (j < x.cols) sum += load_lanes(p + j, first_lanes(x.cols - j));
    out[r] = total(sum);
  }
}

/** The greater of each lane, or NaN. */
INLINE V greatest_or_nan(V a, V b) { return pick(nan_lanes(b), b, maximum(a, b)); }

/** out[c] = max_r x[r][c]. */
KERNEL(MAX_ROWS) {
  EACH_VECTOR(x.vectors * 4) {
    V most = splat(-INFINITY);
    const float *p = (const float *)x.x + o;
    for (int r = 0; r < x.rows; r++, p = CONST_STEP(p, x.stride)) most = greatest_or_nan(most, load_lanes(p, m));
    store_lanes((float *)x.out + o, m, most);
  }
}

/** out[r] = max_c x[r][c], split by rows. */
KERNEL(MAX_COLS) {
  float *out = x.out;
  for (int r = x.from; r < x.to; r++) {
    const float *p = CONST_STEP(x.x, x.stride * r);
    float most = -INFINITY;
    for (int j = 0; j < x.cols; j++) most = p[j] > most || p[j] != p[j] ? p[j] : most;
    out[r] = most;
  }
}

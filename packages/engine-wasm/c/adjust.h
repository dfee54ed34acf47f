// Scores of rows that each slot names.
#pragma once
#include "simd.h"

/** One expression for every kernel, so that equal scores stay equal where the compiler fuses the product and the sum. */
INLINE float adjusted(float score, float scale, float added) { return scale * score + added; }

/** out [n][slots] = x, but scale[b][j]·x + added[b][j] in row rows[b][j], none for −1. Split by rows. `out` may be x. */
KERNEL(ADJUST) {
  if (x.to <= x.from) return;
  if (x.out != x.x)
    memcpy(STEP(x.out, x.stride * x.from), CONST_STEP(x.x, x.stride * x.from), (size_t)(x.stride * (x.to - x.from)));
  for (int b = 0; b < x.slots; b++) {
    const int32_t *rows = (const int32_t *)CONST_STEP(x.rows, x.strideRows * b);
    for (int j = 0; j < x.k; j++) {
      if (rows[j] < x.from || rows[j] >= x.to) continue;
      float *score = STEP(x.out, x.stride * rows[j]) + b;
      *score = adjusted(*score, CONST_STEP(x.scale, x.strideValues * b)[j], CONST_STEP(x.added, x.strideValues * b)[j]);
    }
  }
}

// Scores of the rows that a slot's history names.
#pragma once
#include "simd.h"

/** out [n][slots] = x, plus values[b][j] in row history[b][j], none for −1. Split by rows. `out` may be x. */
KERNEL(ADD_REPEATS) {
  if (x.to <= x.from) return;
  if (x.out != x.x)
    memcpy(STEP(x.out, x.stride * x.from), CONST_STEP(x.x, x.stride * x.from), (size_t)(x.stride * (x.to - x.from)));
  for (int b = 0; b < x.slots; b++) {
    const int32_t *history = (const int32_t *)CONST_STEP(x.history, x.strideHistory * b);
    for (int j = 0; j < x.k; j++)
      if (history[j] >= x.from && history[j] < x.to)
        STEP(x.out, x.stride * history[j])[b] += CONST_STEP(x.values, x.strideValues * b)[j];
  }
}

/** out[b][j] = x[history[b][j]][b], 0 for −1. */
KERNEL(SUM_REPEATS) {
  for (int b = 0; b < x.slots; b++) {
    const int32_t *history = (const int32_t *)CONST_STEP(x.history, x.strideHistory * b);
    for (int j = 0; j < x.k; j++)
      STEP(x.out, x.strideOut * b)[j] = history[j] < 0 ? 0 : CONST_STEP(x.x, x.stride * history[j])[b];
  }
}

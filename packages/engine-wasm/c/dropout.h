// Dropout masks.
#pragma once
#include "philox.h"

/**
 * Mask of inverted dropout: `scale` if the element's word is at least `threshold`, else 0. Split by rows. philox: two words of
 * the key, two of the step.
 */
KERNEL(DROPOUT_MASK) {
  const uint32_t *key = x.philox;
  const ptrdiff_t last = (ptrdiff_t)x.to * x.cols;
  int row = x.from, col = 0;
  // A share starts at a multiple of 4 rows, so at a whole block.
  for (ptrdiff_t e = (ptrdiff_t)row * x.cols; e < last; e += 4 * W) {
    const uint32_t counter[4] = {(uint32_t)(e >> 2), 0, key[2], (x.stream << 16) + key[3]};
    VU words[4], kept[4];
    philox(words, key, counter);
    for (int q = 0; q < 4; q++) kept[q] = (VU)(words[q] >= x.threshold) & (VU)splat(x.scale);
    const int n = last - e < 4 * W ? (int)(last - e) : 4 * W;
    for (int i = 0, run; i < n; i += run) {
      run = smaller(n - i, x.cols - col);
      copy_floats(STEP(x.out, x.stride * row) + col, (const float *)kept + i, run);
      col += run;
      if (col == x.cols) col = 0, row++;
    }
  }
}

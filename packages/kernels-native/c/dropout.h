// Dropout masks from Philox 4x32-10 (Salmon et al. 2011): W blocks at a time, with the words of engine-wasm's
// assembly/philox.ts.
#pragma once
#include "simd.h"

typedef uint64_t VL __attribute__((vector_size(W * 4)));

/** High and low words of the products of unsigned words with a constant. */
INLINE void wide_product(VU x, uint32_t constant, VU *high, VU *low) {
  const VL even = (VL)product_of_even((VI)x, isplat((int)constant));
  const VL odd = (VL)product_of_even((VI)((VL)x >> 32), isplat((int)constant));
  *low = (VU)((even & 0xffffffffull) | (odd << 32));
  *high = (VU)((even >> 32) | (odd & 0xffffffff00000000ull));
}

/** Words of the W blocks from a counter on: word q of block i is out[q][i]. */
INLINE void philox(VU out[4], const uint32_t key[2], const uint32_t counter[4]) {
  VU x0, x1 = (VU){0} + counter[1], x2 = (VU){0} + counter[2], x3 = (VU){0} + counter[3], h0, l0, h1, l1;
  for (int i = 0; i < W; i++) x0[i] = counter[0] + (uint32_t)i;
  uint32_t k0 = key[0], k1 = key[1];
  for (int i = 0; i < 10; i++, k0 += 0x9e3779b9u, k1 += 0xbb67ae85u) {
    wide_product(x0, 0xd2511f53u, &h0, &l0);
    wide_product(x2, 0xcd9e8d57u, &h1, &l1);
    x0 = h1 ^ x1 ^ k0;
    x1 = l1;
    x2 = h0 ^ x3 ^ k1;
    x3 = l0;
  }
  out[0] = x0, out[1] = x1, out[2] = x2, out[3] = x3;
}

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
    const ptrdiff_t n = last - e < 4 * W ? last - e : 4 * W;
    for (ptrdiff_t i = 0; i < n; i++) {
      STEP(x.out, x.stride * row)[col] = ((const float *)&kept[i & 3])[i >> 2];
      if (++col == x.cols) col = 0, row++;
    }
  }
}

// Philox 4x32-10 (Salmon et al. 2011), W blocks at a time.
#pragma once
#include "simd.h"

typedef uint64_t VL __attribute__((vector_size(W * 4)));

#ifndef HAS_WIDE_PRODUCT
/** All lanes with a constant, for `wide_product`. */
INLINE VU factor_of(uint32_t constant) { return (VU)isplat((int)constant); }
/** High and low words of the products of unsigned words with a factor. */
INLINE void wide_product(VU x, VU factor, VU *high, VU *low) {
  const VL even = (VL)product_of_even((VI)x, (VI)factor);
  const VL odd = (VL)product_of_even((VI)((VL)x >> 32), (VI)factor);
  *low = (VU)((even & 0xffffffffull) | (odd << 32));
  *high = (VU)((even >> 32) | (odd & 0xffffffff00000000ull));
}
#endif

/** The 4·W words from the block of a counter on, in order. */
INLINE void philox(VU words[4], const uint32_t key[2], const uint32_t counter[4]) {
  VU x0, x1 = (VU){0} + counter[1], x2 = (VU){0} + counter[2], x3 = (VU){0} + counter[3], h0, l0, h1, l1;
  // Lane 4·group + q has block groups·q + group: the transposition below then puts the blocks in order.
  for (int i = 0; i < W; i++) x0[i] = counter[0] + (uint32_t)(W / 4 * (i % 4) + i / 4);
  const VU m0 = factor_of(0xd2511f53u), m1 = factor_of(0xcd9e8d57u);
  uint32_t k0 = key[0], k1 = key[1];
  KEEP_LOOP
  for (int i = 0; i < 10; i++, k0 += 0x9e3779b9u, k1 += 0xbb67ae85u) {
    wide_product(x0, m0, &h0, &l0);
    wide_product(x2, m1, &h1, &l1);
    x0 = h1 ^ x1 ^ k0;
    x1 = l1;
    x2 = h0 ^ x3 ^ k1;
    x3 = l0;
  }
  const VU a = (VU)zip_low((VI)x0, (VI)x1), b = (VU)zip_high((VI)x0, (VI)x1);
  const VU c = (VU)zip_low((VI)x2, (VI)x3), d = (VU)zip_high((VI)x2, (VI)x3);
  words[0] = (VU)zip_low_pairs((VI)a, (VI)c);
  words[1] = (VU)zip_high_pairs((VI)a, (VI)c);
  words[2] = (VU)zip_low_pairs((VI)b, (VI)d);
  words[3] = (VU)zip_high_pairs((VI)b, (VI)d);
}

// Random numbers: dropout masks, and the samples of a training step.
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

/** The 4·W words of Philox 4x32-10 (Salmon et al. 2011) from the block of a counter on, in order. */
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

#ifndef __wasm__
// Samples in arrays of JavaScript: the package sampler says what is drawn and merged.

/** Draws n items with the words of blocks 0, 1, …; counter: words 1 to 3 of their counters. */
static void draw_samples(const uint32_t key[2], const uint32_t counter[3], AliasTable table, int32_t *out, ptrdiff_t n) {
  for (ptrdiff_t e = 0; e < n; e += 4 * W, out += 4 * W) {
    const uint32_t first[4] = {(uint32_t)(e / 4), counter[0], counter[1], counter[2]};
    VU words[4], cells[4], fractions[4];
    philox(words, key, first);
    const VU items = factor_of(table.items);
    for (int q = 0; q < 4; q++) wide_product(words[q], items, &cells[q], &fractions[q]);
    const uint32_t *cell = (const uint32_t *)cells, *fraction = (const uint32_t *)fractions;
    const int count = n - e < 4 * W ? (int)(n - e) : 4 * W;
    for (int i = 0; i < count; i++)
      out[i] = fraction[i] < table.threshold[cell[i]] ? (int32_t)cell[i] : table.alias[cell[i]];
  }
}

/** Fills items and counts with the distinct samples. @returns how many, or −1 if they do not fit. */
static ptrdiff_t merge_samples(const int32_t *samples, ptrdiff_t n, Places places, DistinctItems to) {
  uint32_t distinct = 0;
  memset(to.items, -1, (size_t)to.capacity * 4);
  memset(to.counts, 0, (size_t)to.capacity * 4);
  for (ptrdiff_t i = 0; i < n; i++) {
    const int32_t item = samples[i];
    uint32_t nowhere = to.capacity, *place = (uint32_t)item < places.items ? &places.at[item] : &nowhere;
    // No branch, and nothing that waits for `distinct`: the rounds of the loop overlap.
    const bool listed = *place < to.capacity, known = listed & (to.items[listed ? *place : 0] == item);
    const uint32_t at = known ? *place : distinct;
    if (at == to.capacity) return -1;
    *place = at;
    to.items[at] = item;
    to.counts[at]++;
    distinct += !known;
  }
  return distinct;
}
#endif

// Samples of a training step, in arrays of JavaScript: the package sampler says what is drawn and merged.
#pragma once
#include "philox.h"

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

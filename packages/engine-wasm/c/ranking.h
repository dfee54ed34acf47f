// Ranks and best rows of scores that are never stored whole: a block of rows is ranked while it is in the nearest cache.
#pragma once
#include "adjust.h"
#include "products.h"
#include "rank-lists.h"

// Scores that each slot adjusts, as ADJUST does.

/** An adjusted score of a row in a slot of the share, and the number of the next one of its block (0: none). */
typedef struct {
  int32_t row, slot;
  float scale, added;
  int32_t next;
} Adjustment;

/** The adjustments of a share: per block of rows the number of its first one, which counts from 1. None without places. */
typedef struct {
  int32_t *first;
  Adjustment *list;
} Adjustments;

/** [slots][places] rows whose scores are adjusted, their scales and what is added. */
typedef struct {
  const int32_t *rows;
  size_t row_stride;
  const float *scale, *added;
  size_t value_stride;
  int places;
} Adjusted;

INLINE size_t first_bytes(int n) { return (ptrdiff_t)(((n + BLOCK - 1) / BLOCK + 3) & ~3) * 4; }
static size_t adjustments_bytes(int n, int slots, int places) {
  return places == 0 ? 0 : first_bytes(n) + (ptrdiff_t)sizeof(Adjustment) * ((ptrdiff_t)slots * places + 1);
}

INLINE const int32_t *rows_of(Adjusted x, int slot) { return (const int32_t *)CONST_STEP(x.rows, x.row_stride * slot); }
INLINE float scale_of(Adjusted x, int slot, int j) { return CONST_STEP(x.scale, x.value_stride * slot)[j]; }
INLINE float added_of(Adjusted x, int slot, int j) { return CONST_STEP(x.added, x.value_stride * slot)[j]; }

/** Chains the places of m slots by block, in the memory at `chains`. Rows outside 0 … n − 1 are none. */
static Adjustments chain_adjustments(void *chains, int n, const int32_t *mine, int m, Adjusted x) {
  const Adjustments adjustments = {chains, (Adjustment *)((char *)chains + first_bytes(n))};
  memset(chains, 0, (size_t)first_bytes(n));
  int32_t number = 0;
  for (int s = 0; s < m; s++) {
    const int32_t *rows = rows_of(x, mine[s]);
    for (int j = 0; j < x.places; j++) {
      if (rows[j] < 0 || rows[j] >= n) continue;
      int32_t *first = adjustments.first + rows[j] / BLOCK;
      adjustments.list[++number] = (Adjustment){rows[j], s, scale_of(x, mine[s], j), added_of(x, mine[s], j), *first};
      *first = number;
    }
  }
  return adjustments;
}

/** Adjusts the block of scores that starts at row `from`. `scores` is where row 0 would be. */
static void adjust_block(Adjustments x, float *scores, size_t width, int from) {
  if (!x.first) return;
  for (int32_t number = x.first[from / BLOCK]; number != 0; number = x.list[number].next) {
    const Adjustment one = x.list[number];
    float *score = STEP(scores, width * one.row) + one.slot;
    *score = adjusted(*score, one.scale, one.added);
  }
}

/** Adjusts the scores of the targets, one per slot. */
static void adjust_targets(float *scores, const int32_t *target, const int32_t *mine, int m, Adjusted x) {
  for (int s = 0; s < m; s++) {
    const int32_t *rows = rows_of(x, mine[s]);
    for (int j = 0; j < x.places; j++)
      if (rows[j] == target[mine[s]]) scores[s] = adjusted(scores[s], scale_of(x, mine[s], j), added_of(x, mine[s], j));
  }
}

/** Rows over a share's slots for numbers: of slots, addresses of target rows and their biases. */
#define NUMBER_ROWS 3
/** An odd number of cache lines, so that the columns of the matrix fall on all sets of the cache. */
INLINE size_t matrix_stride(size_t width) { return ((width + 63) & ~(ptrdiff_t)63) | 64; }

SHARE_BYTES(RANK_PRODUCT) {
  const int inner = given[0], slots = given[1], k = given[2], n = given[3], places = given[4];
  const size_t width = width_of(slots);
  const size_t bytes = width * (NUMBER_ROWS + RANK_ROWS + BLOCK) + matrix_stride(width) * inner + lists_bytes(slots, k);
  return (bytes + adjustments_bytes(n, slots, places) + 63) & ~(ptrdiff_t)63;
}

/** Writes the rows of a list. */
static void write_list(const float *values, int k, int n, int32_t *out, size_t stride) {
  const int32_t *rows = (const int32_t *)CONST_STEP(values, list_bytes(k));
  int place = 0;
  for (; place < k && rows[place] >= 0; place++) *(int32_t *)STEP(out, stride * place) = rows[place];
  fill_list(out, stride, place, k, n);
}

/** The numbers of the slots that have a target. @returns how many. */
static int live_slots(const int32_t *target, int slots, int32_t *numbers) {
  int live = 0;
  for (int b = 0; b < slots; b++)
    if (target[b] >= 0) numbers[live++] = b;
  return live;
}

static void write_idle(RANK_PRODUCT_Arguments x) {
  const int32_t *target = x.target;
  for (int b = 0; b < x.slots; b++) {
    if (target[b] >= 0) continue;
    float *counts = (float *)x.counts + b;
    *counts = *STEP(counts, x.countsStride) = 0;
    for (int place = 0; place < x.k; place++) *(int32_t *)STEP((int32_t *)x.top + b, x.topStride * place) = -1;
  }
}

/** The first row whose score in a slot is NaN. Computes the scores again, because this ends an evaluation. */
static int first_nan(Product product, Adjustments adjustments, float *block, int slot, int n) {
  for (int i = 0; i < n; i += BLOCK) {
    const int to = smaller(i + BLOCK, n);
    product.out = STEP(block, -(ptrdiff_t)product.ldo * i);
    multiply_rows(product, i, to, NULL);
    adjust_block(adjustments, product.out, product.ldo, i);
    for (int row = i; row < to; row++) {
      const float score = STEP(product.out, product.ldo * row)[slot];
      if (score != score) return row;
    }
  }
  return n;
}

/**
 * `rank-counts` and `top-indices` of scores [n][slots] = rows·hiddenᵀ + bias. The slots with a target are split, so that idle
 * slots cost nothing and no results need merging. rows: addresses of n rows of `inner` floats; hidden [slots][inner]; bias [n];
 * target i32 [slots]; counts [2][slots]; top i32 [k][slots]. With `places` > 0, the scores of the rows adjusted[s][j]
 * are adjusted as by ADJUST.
 */
KERNEL(RANK_PRODUCT) {
  const int32_t *target = x.target;
  int32_t *numbers = (int32_t *)STEP(x.parts, SHARE_OF(RANK_PRODUCT, x.inner, x.slots, x.k, x.n, x.places) * share);
  const int live = live_slots(target, x.slots, numbers);
  if (share == 0) write_idle(x);
  const int first = share_bound(live, share, shares), m = share_bound(live, share + 1, shares) - first;
  if (m <= 0) return;
  const int32_t *mine = numbers + first;
  const size_t width = width_of(m), ldb = matrix_stride(width);
  float *part = STEP(numbers, width_of(x.slots) * NUMBER_ROWS), *block = STEP(part, width * RANK_ROWS);
  float *b = STEP(block, width * BLOCK);
  char *lists = (char *)STEP(b, ldb * x.inner);
  memset(b, 0, (size_t)(ldb * x.inner));
  for (int s = 0; s < m; s++)
    for (int j = 0; j < x.inner; j++) STEP(b, ldb * j)[s] = CONST_STEP(x.hidden, x.ldh * mine[s])[j];
  memset(part, 0, (size_t)(width * RANK_ROWS));
  start_lists(lists, width, m, x.k);
  // The targets' scores by the same product as all scores, so that they have the same bits.
  const float *bias = x.bias;
  uint32_t *addresses = (uint32_t *)numbers + x.slots;
  float *biases = (float *)(addresses + m);
  for (int s = 0; s < m; s++) {
    addresses[s] = x.rows[target[mine[s]]];
    biases[s] = bias[target[mine[s]]];
  }
  Product product = {base, addresses, true, x.inner, b, ldb, NULL, width, (int)(width / 4), {biases, 0, START_INIT_SPLAT}};
  for (int i = 0; i < m; i += BLOCK) {
    const int to = smaller(i + BLOCK, m);
    product.out = STEP(block, -(ptrdiff_t)width * i);
    multiply_rows(product, i, to, NULL);
    for (int s = i; s < to; s++) part[s] = *STEP(product.out, (width + 4) * s);
  }
  product.rows = x.rows;
  product.init.at = bias;
  Adjustments adjustments = {NULL, NULL};
  if (x.places > 0) {
    const Adjusted named = {x.adjusted, x.strideAdjusted, x.scale, x.added, x.strideValues, x.places};
    adjust_targets(part, target, mine, m, named);
    adjustments = chain_adjustments(lists + lists_bytes(m, x.k), x.n, mine, m, named);
  }
  const Ranking ranking = {width, part, x.k > 0 ? lists : NULL, x.k, NULL};
  for (int i = 0; i < x.n; i += BLOCK) {
    const int to = smaller(i + BLOCK, x.n);
    product.out = STEP(block, -(ptrdiff_t)width * i);
    multiply_rows(product, i, to, NULL);
    adjust_block(adjustments, product.out, width, i);
    rank_block(ranking, product.out, width, (int)(width / 4), i, to);
  }
  for (int s = 0; s < m; s++) {
    const int32_t *counts = (const int32_t *)part + s;
    const bool has_nan = counts[width / 4 * RANK_NAN] != 0;
    float *out = (float *)x.counts + mine[s];
    *out = has_nan ? NAN : (float)counts[width / 4 * RANK_BETTER];
    *STEP(out, x.countsStride) =
        (float)(has_nan ? first_nan(product, adjustments, block, s, x.n) : counts[width / 4 * RANK_EQUAL]);
    if (x.k > 0) write_list(list_of(lists, width, s, x.k), x.k, x.n, (int32_t *)x.top + mine[s], x.topStride);
  }
}

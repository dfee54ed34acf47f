// Ranks and best rows of scores that are never stored whole: engine-wasm's assembly/rank-product.ts, rank-counts.ts and
// top-lists.ts say what a share keeps, and where.
#pragma once
#include "rank-repeats.h"

/** Rows over a share's slots for numbers: of slots, addresses of target rows and their biases. */
#define NUMBER_ROWS 3
/** Counts of a share: the targets' scores, then how many are better, equal and NaN. */
enum { RANK_BETTER = 1, RANK_EQUAL, RANK_NAN, RANK_ROWS };

/** Bytes of a row over so many slots: whole vectors of four. */
INLINE ptrdiff_t width_of(int slots) { return (ptrdiff_t)((slots + 3) >> 2) << 4; }
/** Bytes of the values of a list, of which there are as many as rows. */
INLINE ptrdiff_t list_bytes(int k) { return ((ptrdiff_t)((k + 3) >> 2) << 4) + 16; }
/** The first value of a slot's list, after ∞; the rows are list_bytes behind. */
INLINE float *list_of(char *lists, ptrdiff_t width, int slot, int k) {
  return (float *)(lists + width + slot * list_bytes(k) * 2 + 16);
}
/** An odd number of cache lines, so that the columns of the matrix fall on all sets of the cache. */
INLINE ptrdiff_t matrix_stride(ptrdiff_t width) { return ((width + 63) & ~63L) | 64; }

SHARE_BYTES(RANK_PRODUCT) {
  const int inner = given[0], slots = given[1], k = given[2], n = given[3], places = given[4];
  const ptrdiff_t width = width_of(slots), lists = width + slots * list_bytes(k) * 2;
  const ptrdiff_t bytes = width * (NUMBER_ROWS + RANK_ROWS + BLOCK) + matrix_stride(width) * inner + lists;
  return (bytes + repeats_bytes(n, slots, places) + 63) & ~63L;
}

/** Thresholds −∞ (∞, which nothing exceeds, behind the last slot and without lists), and lists of −∞ and no rows. */
static void start_lists(char *lists, ptrdiff_t width, int slots, int k) {
  float *thresholds = (float *)lists;
  for (int s = 0; s < width / 4; s++) thresholds[s] = k > 0 && s < slots ? -INFINITY : INFINITY;
  for (int s = 0; s < slots; s++) {
    float *values = list_of(lists, width, s, k);
    int32_t *rows = (int32_t *)STEP(values, list_bytes(k));
    values[-1] = INFINITY;
    for (int place = 0; place < k; place++) values[place] = -INFINITY, rows[place] = -1;
  }
}

/**
 * Moves the rest of a vector of a list by one place, for x and its number. The value before the vector is still the old
 * one. Loads and stores of a `whole` vector have no mask, because a load after a masked store waits for it.
 */
INLINE void insert_lanes(float *values, float *rows, M m, bool whole, V x, V number) {
  const V own = whole ? load(values) : load_lanes(values, m), old = whole ? load(rows) : load_lanes(rows, m);
  const V before = whole ? load(values - 1) : load_lanes(values - 1, m);
  const V row_before = whole ? load(rows - 1) : load_lanes(rows - 1, m);
  const M stays = at_most(x, own), enters = at_most(x, before);
  const V new_rows = pick(stays, old, pick(enters, number, row_before));
  const V new_values = pick(stays, own, pick(enters, x, before));
  if (whole) store(rows, new_rows), store(values, new_values);
  else store_lanes(rows, m, new_rows), store_lanes(values, m, new_values);
}

/**
 * Puts a value that exceeds the k-th one behind those that are not smaller; the k-th drops out. Vectors from the end,
 * without a branch.
 *
 * @returns the new k-th value, without a load that would wait for the stores.
 */
INLINE float insert(float *values, int k, float value, int row) {
  float *rows = STEP(values, list_bytes(k));
  const float last = values[k - 2] < value ? values[k - 2] : value;
  const V x = splat(value), number = (V)isplat(row);
  int o = (k - 1) / W * W;
  insert_lanes(values + o, rows + o, first_lanes(k - o), false, x, number);
  while ((o -= W) >= 0) insert_lanes(values + o, rows + o, first_lanes(W), true, x, number);
  return last;
}

/** Counts the scores of rows from … to − 1 that are better than the targets' or equal, and lists the best. */
static void rank_block(const float *scores, int from, int to, ptrdiff_t width, float *part, char *lists, int k) {
  const int floats = (int)(width / 4);
  EACH_VECTOR(floats) {
    float *p = part + o, *threshold_at = (float *)lists + o;
    const V own = load_lanes(p, m);
    const unsigned on = lane_bits(m);
    V threshold = load_lanes(threshold_at, m);
    VI better = (VI)load_lanes(STEP(p, width * RANK_BETTER), m), same = (VI)load_lanes(STEP(p, width * RANK_EQUAL), m);
    VI nan = (VI)load_lanes(STEP(p, width * RANK_NAN), m);
    const float *s = CONST_STEP(scores, width * from) + o;
    for (int i = from; i < to; i++, s = CONST_STEP(s, width)) {
      const V score = load_lanes(s, m);
      better = count_lanes(better, greater(score, own));
      same = count_lanes(same, equal(score, own));
      nan = count_lanes(nan, nan_lanes(score));
      unsigned enter = lane_bits(greater(score, threshold)) & on;
      for (; enter; enter &= enter - 1) {
        const int l = __builtin_ctz(enter);
        const float last = insert(list_of(lists, width, o + l, k), k, s[l], i);
        threshold = pick(lane(l), splat(last), threshold);
      }
    }
    store_lanes(threshold_at, m, threshold);
    store_lanes(STEP(p, width * RANK_BETTER), m, (V)better);
    store_lanes(STEP(p, width * RANK_EQUAL), m, (V)same);
    store_lanes(STEP(p, width * RANK_NAN), m, (V)nan);
  }
}

/** Writes the rows of a list, then those of −∞ in order, then none. */
static void write_list(const float *values, int k, int n, int32_t *out, ptrdiff_t stride) {
  const int32_t *rows = (const int32_t *)CONST_STEP(values, list_bytes(k));
  int place = 0;
  for (; place < k && rows[place] >= 0; place++) *(int32_t *)STEP(out, stride * place) = rows[place];
  const int listed = place;
  for (int row = 0; row < n && place < k; row++) {
    int i = 0;
    while (i < listed && rows[i] != row) i++;
    if (i == listed) *(int32_t *)STEP(out, stride * place++) = row;
  }
  for (; place < k; place++) *(int32_t *)STEP(out, stride * place) = -1;
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
static int first_nan(Product product, Repeats repeats, float *block, int slot, int n) {
  for (int i = 0; i < n; i += BLOCK) {
    const int to = smaller(i + BLOCK, n);
    product.out = STEP(block, -product.ldo * i);
    multiply_rows(product, i, to, NULL);
    add_to_block(repeats, product.out, product.ldo, i);
    for (int row = i; row < to; row++) {
      const float score = STEP(product.out, product.ldo * row)[slot];
      if (score != score) return row;
    }
  }
  return n;
}

KERNEL(RANK_PRODUCT) {
  const int32_t given[] = {x.inner, x.slots, x.k, x.n, x.places}, *target = x.target;
  int32_t *numbers = (int32_t *)STEP(x.parts, RANK_PRODUCT_share_bytes(given) * share);
  const int live = live_slots(target, x.slots, numbers);
  if (share == 0) write_idle(x);
  const int first = share_bound(live, share, shares), m = share_bound(live, share + 1, shares) - first;
  if (m <= 0) return;
  const int32_t *mine = numbers + first;
  const ptrdiff_t width = width_of(m), ldb = matrix_stride(width);
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
    product.out = STEP(block, -width * i);
    multiply_rows(product, i, to, NULL);
    for (int s = i; s < to; s++) part[s] = *STEP(product.out, (width + 4) * s);
  }
  product.rows = x.rows;
  product.init.at = bias;
  Repeats repeats = {NULL, NULL};
  if (x.places > 0) {
    const History history = {x.history, x.strideHistory, x.values, x.strideValues, x.places};
    add_to_targets(part, target, mine, m, history);
    repeats = chain_repeats(lists + width + m * list_bytes(x.k) * 2, x.n, mine, m, history);
  }
  for (int i = 0; i < x.n; i += BLOCK) {
    const int to = smaller(i + BLOCK, x.n);
    product.out = STEP(block, -width * i);
    multiply_rows(product, i, to, NULL);
    add_to_block(repeats, product.out, width, i);
    rank_block(product.out, i, to, width, part, lists, x.k);
  }
  for (int s = 0; s < m; s++) {
    const int32_t *counts = (const int32_t *)part + s;
    const bool has_nan = counts[width / 4 * RANK_NAN] != 0;
    float *out = (float *)x.counts + mine[s];
    *out = has_nan ? NAN : (float)counts[width / 4 * RANK_BETTER];
    *STEP(out, x.countsStride) =
        (float)(has_nan ? first_nan(product, repeats, block, s, x.n) : counts[width / 4 * RANK_EQUAL]);
    if (x.k > 0) write_list(list_of(lists, width, s, x.k), x.k, x.n, (int32_t *)x.top + mine[s], x.topStride);
  }
}

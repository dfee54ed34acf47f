// Ranks and best rows of a matrix of scores [n][slots].
//
// A share keeps counts, rows of whole vectors over its slots: the targets' scores, how many scores are greater and equal, and
// whether one is NaN. It keeps lists: a row of thresholds, which are the k-th best values, then per slot its values, best first,
// and their rows, each of whole vectors after one whose last value is ∞.
#pragma once
#include "simd.h"

enum { RANK_BETTER = 1, RANK_EQUAL, RANK_NAN, RANK_ROWS };

/** Bytes of a row over so many slots: whole vectors of four. */
INLINE size_t width_of(int slots) { return (ptrdiff_t)padded(slots) * 4; }
/** Bytes of the values of a list, of which there are as many as rows. */
INLINE size_t list_bytes(int k) { return (ptrdiff_t)padded(k) * 4 + 16; }
/** Bytes of thresholds and lists. */
INLINE size_t lists_bytes(int slots, int k) { return width_of(slots) + slots * list_bytes(k) * 2; }
/** The first value of a slot's list; the rows are list_bytes behind. */
INLINE float *list_of(char *lists, size_t width, int slot, int k) {
  return (float *)(lists + width + slot * list_bytes(k) * 2 + 16);
}

/** Thresholds −∞ (∞, which nothing exceeds, behind the last slot and without lists), and lists of −∞ and no rows. */
static void start_lists(char *lists, size_t width, int slots, int k) {
  float *thresholds = (float *)lists;
  for (size_t s = 0; s < width / 4; s++) thresholds[s] = k > 0 && (int)s < slots ? -INFINITY : INFINITY;
  for (int s = 0; s < slots; s++) {
    float *values = list_of(lists, width, s, k);
    int32_t *rows = (int32_t *)STEP(values, list_bytes(k));
    values[-1] = INFINITY;
    for (int place = 0; place < padded(k); place++) values[place] = -INFINITY, rows[place] = -1;
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
 * without a branch: 12 ns less than moving pairs one by one, for a list of 20.
 *
 * @returns the new k-th value, without a load that would wait for the stores.
 */
INLINE float insert(float *values, int k, float value, int row) {
  float *rows = STEP(values, list_bytes(k));
  const float last = values[k - 2] < value ? values[k - 2] : value;
  const V x = splat(value), number = (V)isplat(row);
  int o = (k - 1) / W * W;
  insert_lanes(values + o, rows + o, ROW_LANES(k - o), W == 4, x, number);
  while ((o -= W) >= 0) insert_lanes(values + o, rows + o, first_lanes(W), true, x, number);
  return last;
}

/** Inserts the scores of a row of a vector of slots, from slot o on, that exceed their threshold. @returns the thresholds. */
static NOINLINE V enter_row(V score, V threshold, M on, int row, char *lists, size_t width, int o, int k) {
  float values[W];
  store(values, score);
  for (unsigned bits = lane_bits(greater(score, threshold)) & lane_bits(on); bits; bits &= bits - 1) {
    const int l = __builtin_ctz(bits);
    threshold = pick(lane(l), splat(insert(list_of(lists, width, o + l, k), k, values[l], row)), threshold);
  }
  return threshold;
}

/** Whether a row may be listed: its bit, or all rows without bits. */
INLINE bool is_allowed(const int32_t *allowed, int row) {
  return !allowed || (allowed[row >> 5] >> (row & 31) & 1);
}

/** Where scores are ranked: counts or lists or both, whose rows are `width` bytes. */
typedef struct {
  size_t width;
  float *counts;
  char *lists;
  int k;
  const int32_t *allowed;
} Ranking;

/** The counts and thresholds of a vector of slots. */
typedef struct {
  V own, threshold;
  VI better, same, nan;
} RankLanes;

/** Ranks `rows` ≤ 4 rows from `row` on, in a vector of slots from o on. */
INLINE void rank_few(const Ranking *x, RankLanes *lanes, int rows, const float *scores, size_t stride, M m, int row, int o) {
  V score[4];
  UNROLL for (int r = 0; r < rows; r++) score[r] = load_lanes(CONST_STEP(scores, stride * r), m);
  if (x->counts)
    UNROLL for (int r = 0; r < rows; r++) {
      lanes->better = count_lanes(lanes->better, greater(score[r], lanes->own));
      lanes->same = count_lanes(lanes->same, equal(score[r], lanes->own));
      lanes->nan = count_lanes(lanes->nan, nan_lanes(score[r]));
    }
  if (!x->lists) return;
  M enters = greater(score[0], lanes->threshold);
  UNROLL for (int r = 1; r < rows; r++) enters = enters | greater(score[r], lanes->threshold);
  if (!any_lane(enters)) return;
  for (int r = 0; r < rows; r++)
    if (is_allowed(x->allowed, row + r))
      lanes->threshold = enter_row(score[r], lanes->threshold, m, row + r, x->lists, x->width, o, x->k);
}

/**
 * Counts the scores of rows from … to − 1 that are better than the targets' or equal, and lists the best. Almost every row
 * costs only one comparison with the thresholds, which a later row must exceed, and four rows one branch.
 */
INLINE void rank_rows(Ranking x, const float *scores, size_t stride, int floats, int from, int to) {
  EACH_VECTOR(floats) {
    float *counts = x.counts ? x.counts + o : NULL, *thresholds = x.lists ? (float *)x.lists + o : NULL;
    RankLanes lanes;
    if (thresholds) lanes.threshold = load_lanes(thresholds, m);
    if (counts) {
      lanes.own = load_lanes(counts, m);
      lanes.better = (VI)load_lanes(STEP(counts, x.width * RANK_BETTER), m);
      lanes.same = (VI)load_lanes(STEP(counts, x.width * RANK_EQUAL), m);
      lanes.nan = (VI)load_lanes(STEP(counts, x.width * RANK_NAN), m);
    }
    const float *s = CONST_STEP(scores, stride * from) + o;
    int i = from;
    for (; x.lists && i + 4 <= to; i += 4, s = CONST_STEP(s, stride * 4)) rank_few(&x, &lanes, 4, s, stride, m, i, o);
    for (; i < to; i++, s = CONST_STEP(s, stride)) rank_few(&x, &lanes, 1, s, stride, m, i, o);
    if (thresholds) store_lanes(thresholds, m, lanes.threshold);
    if (!counts) continue;
    store_lanes(STEP(counts, x.width * RANK_BETTER), m, (V)lanes.better);
    store_lanes(STEP(counts, x.width * RANK_EQUAL), m, (V)lanes.same);
    store_lanes(STEP(counts, x.width * RANK_NAN), m, (V)lanes.nan);
  }
}

/** What is null is a constant inside the loops. */
static NOINLINE void rank_block(Ranking x, const float *scores, size_t stride, int floats, int from, int to) {
  if (!x.lists) rank_rows((Ranking){x.width, x.counts, NULL, 0, NULL}, scores, stride, floats, from, to);
  else if (!x.counts) rank_rows((Ranking){x.width, NULL, x.lists, x.k, x.allowed}, scores, stride, floats, from, to);
  else rank_rows(x, scores, stride, floats, from, to);
}

/** Lists the best of a single column, whose rows are 4 bytes apart: lanes are rows. */
static void list_column(const float *scores, int from, int to, char *lists, size_t width, int k, const int32_t *allowed) {
  float *threshold = (float *)lists, *list = list_of(lists, width, 0, k);
  for (int i = from; i < to; i += W) {
    const M m = first_lanes(to - i);
    const V score = load_lanes(scores + i, m);
    if (!any_lane(greater(score, splat(*threshold)))) continue;
    for (int row = i; row < smaller(i + W, to); row++)
      if (scores[row] > *threshold && is_allowed(allowed, row)) *threshold = insert(list, k, scores[row], row);
  }
}

/** Floats per row of scores: a single column is dense. */
INLINE int floats_of(int slots) { return slots == 1 ? 1 : padded(slots); }

SHARE_BYTES(RANK_SHARES) { return width_of(given[0]) * RANK_ROWS; }

/** First half of `rank-counts`: each share counts in `parts`. scores [n][slots], target i32 [slots]. Split by rows. */
KERNEL(RANK_SHARES) {
  const int32_t *target = x.target;
  const size_t width = width_of(x.slots);
  float *part = STEP(x.parts, SHARE_OF(RANK_SHARES, x.slots) * share);
  memset(part, 0, (size_t)(width * RANK_ROWS));
  for (int b = 0; b < x.slots; b++)
    if (target[b] >= 0) part[b] = CONST_STEP(x.scores, x.stride * target[b])[b];
  const Ranking ranking = {width, part, NULL, 0, NULL};
  EACH_BLOCK(x.from, x.to) rank_block(ranking, x.scores, x.stride, floats_of(x.slots), i0, i1);
}

/** Second half, by one thread: out [2][slots] = the sums over `shares`, or NaN and the first row with NaN if there is one. */
KERNEL(RANK_MERGE) {
  const int32_t *target = x.target;
  const size_t width = width_of(x.slots), size = SHARE_OF(RANK_SHARES, x.slots);
  for (int b = 0; b < x.slots; b++) {
    int32_t better = 0, same = 0, nan = 0;
    for (int t = 0; t < x.shares && target[b] >= 0; t++) {
      const int32_t *p = (const int32_t *)CONST_STEP(x.parts, size * t) + b;
      better += p[width / 4 * RANK_BETTER];
      same += p[width / 4 * RANK_EQUAL];
      nan |= p[width / 4 * RANK_NAN];
    }
    int row = 0;
    for (float score; nan && row < x.n && (score = CONST_STEP(x.scores, x.stride * row)[b], score == score);) row++;
    ((float *)x.out)[b] = nan ? NAN : (float)better;
    STEP(x.out, x.outStride)[b] = (float)(nan ? row : same);
  }
}

SHARE_BYTES(TOP_SHARES) { return lists_bytes(given[0], given[1]); }

/** First half of `top-indices`, split by rows: each share lists the k best of its rows in `parts`. */
KERNEL(TOP_SHARES) {
  const size_t width = width_of(x.slots);
  char *lists = (char *)x.parts + SHARE_OF(TOP_SHARES, x.slots, x.k) * share;
  start_lists(lists, width, x.slots, x.k);
  if (x.k == 0) return;
  if (x.slots == 1) list_column(x.scores, x.from, x.to, lists, width, x.k, x.allowed);
  else EACH_BLOCK(x.from, x.to) rank_block((Ranking){width, NULL, lists, x.k, x.allowed}, x.scores, x.stride, padded(x.slots), i0, i1);
}

/** Fills the places after the last listed row: with rows of −∞, which exceed no threshold, in order, then with −1. */
static void fill_list(int32_t *out, size_t stride, int place, int k, int n) {
  const int listed = place;
  for (int row = 0; row < n && place < k; row++) {
    int i = 0;
    while (i < listed && *(int32_t *)STEP(out, stride * i) != row) i++;
    if (i == listed) *(int32_t *)STEP(out, stride * place++) = row;
  }
  for (; place < k; place++) *(int32_t *)STEP(out, stride * place) = -1;
}

/** Takes the best of the first values of the lists. taken: how many of each list, `size` bytes apart. @returns its row, or −1. */
static int take_best(int32_t *taken, const float *lists, int k, size_t size, int shares) {
  const float *best = NULL;
  int32_t *from = NULL;
  for (int t = 0; t < shares; t++) {
    int32_t *first = (int32_t *)STEP(taken, size * t);
    const float *p = CONST_STEP(lists, size * t) + *first;
    if (*first == k || (best && !(*p > *best))) continue;
    best = p;
    from = first;
  }
  if (!best) return -1;
  ++*from;
  return *(const int32_t *)CONST_STEP(best, list_bytes(k));
}

/**
 * Second half, split by slots: out i32 [k][slots] from the lists of `shares`. The rows of a share come before those of the
 * next. indices i32 [slots]: a slot with −1 gets no rows. Without them, every slot gets rows. fills: whether rows of −∞ follow.
 */
KERNEL(TOP_MERGE) {
  const int32_t *indices = x.indices;
  const size_t width = width_of(x.slots), size = SHARE_OF(TOP_SHARES, x.slots, x.k);
  for (int b = x.from; b < x.to; b++) {
    // The thresholds are no longer needed. Their memory counts how much of each list was taken.
    int32_t *taken = (int32_t *)x.parts + b, *out = (int32_t *)x.out + b;
    for (int t = 0; t < x.shares; t++) *(int32_t *)STEP(taken, size * t) = 0;
    const bool idle = indices && indices[b] < 0;
    int place = 0;
    for (int row; place < x.k && !idle; place++) {
      row = take_best(taken, list_of(x.parts, width, b, x.k), x.k, size, x.shares);
      if (row < 0) break;
      *(int32_t *)STEP(out, x.outStride * place) = row;
    }
    fill_list(out, x.outStride, place, x.k, idle || !x.fills ? 0 : x.n);
  }
}

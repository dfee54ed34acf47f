// Groups of similar rows, so that a list can read only the groups that are likely to have its rows.
//
// Rows are similar if their scores are: the distance of rows w and v with biases b and c is E (q·(w − v) + b − c)² over hidden
// states q, which is a quadratic form of (w − v, b − c) with the matrix of second moments of (q, 1).
#pragma once
#include "products.h"
#include "quantize.h"

#define GROUP_ROWS (GROUP_BLOCKS * BLOCK_ITEMS)
/** Rows by which a set of rows is halved, and how often their means are improved. */
#define SPLIT_SAMPLE 256
#define SPLIT_ROUNDS 6
/** At least this part of a set is in either half. */
#define LEAST_PART 5
/** Sets that wait. The larger half waits, so that there are at most 31. */
#define MOST_SETS 32

INLINE float bias_of(const ORDER_ROWS_Arguments *x, int row) { return ((const float *)x->bias)[row]; }
INLINE const float *ordered_row(const ORDER_ROWS_Arguments *x, int row) { return CONST_STEP(x->table, x->stride * row); }

INLINE float project(const ORDER_ROWS_Arguments *x, int row, const float *direction) {
  return dot(ordered_row(x, row), direction, x->inner) + direction[x->inner] * bias_of(x, row);
}

INLINE void add_to(float *sum, const float *row, int n) {
  for (int o = 0; o < n; o += W) {
    // Not what is behind the row.
    const M m = first_lanes(n - o);
    store_lanes(sum + o, m, load_lanes(sum + o, m) + load_lanes(row + o, m));
  }
}

/** Adds a row to a sum. */
INLINE void add_point(const ORDER_ROWS_Arguments *x, int row, float *sum) {
  add_to(sum, ordered_row(x, row), x->inner);
  sum[x->inner] += bias_of(x, row);
}

/** direction = moments · (means[1] − means[0]). @returns the projection of the point between the means. */
static NOINLINE float direct(const ORDER_ROWS_Arguments *x, Point means[2], float *direction) {
  Point difference;
  float twice = 0;
  for (int j = 0; j <= x->inner; j++) difference[j] = means[1][j] - means[0][j];
  for (int j = 0; j <= x->inner; j++) {
    direction[j] = dot(CONST_STEP(x->moments, x->ldm * j), difference, x->inner + 1);
    twice += direction[j] * (means[0][j] + means[1][j]);
  }
  return twice / 2;
}

/** Finds two means of a set by Lloyd's algorithm over a sample. @returns as direct. */
static NOINLINE float two_means(const ORDER_ROWS_Arguments *x, const int32_t *rows, int n, float *direction) {
  const int sampled = smaller(n, SPLIT_SAMPLE);
  Point means[2], sums[2];
  memset(means, 0, sizeof means);
  add_point(x, rows[0], means[0]);
  add_point(x, rows[n / 2], means[1]);
  float middle = direct(x, means, direction);
  for (int round = 0; round < SPLIT_ROUNDS; round++) {
    int counts[2] = {0, 0};
    memset(sums, 0, sizeof sums);
    for (int i = 0; i < sampled; i++) {
      const int row = rows[(int64_t)i * n / sampled], side = project(x, row, direction) > middle;
      add_point(x, row, sums[side]);
      counts[side]++;
    }
    if (counts[0] == 0 || counts[1] == 0) break;
    for (int side = 0; side < 2; side++)
      for (int j = 0; j <= x->inner; j++) means[side][j] = sums[side][j] / (float)counts[side];
    middle = direct(x, means, direction);
  }
  return middle;
}

/** Moves the rows with the `place` least keys to the front (Hoare's selection). */
static void select_rows(float *keys, int32_t *rows, int n, int place) {
  for (int from = 0, to = n - 1; from < to;) {
    const float pivot = keys[from + (to - from) / 2];
    int i = from, j = to;
    while (i <= j) {
      while (keys[i] < pivot) i++;
      while (pivot < keys[j]) j--;
      if (i > j) break;
      const float key = keys[i];
      const int32_t row = rows[i];
      keys[i] = keys[j], rows[i++] = rows[j];
      keys[j] = key, rows[j--] = row;
    }
    if (place <= j) to = j;
    else if (place >= i) from = i;
    else break;
  }
}

/** Splits a set in two, of which the first has whole groups. @returns the rows of the first. */
static NOINLINE int split_rows(const ORDER_ROWS_Arguments *x, float *keys, int32_t *rows, int n) {
  Point direction;
  const float middle = two_means(x, rows, n, direction);
  int low = 0;
  for (int i = 0; i < n; i++) {
    if (PREFETCHES && i + AHEAD < n) fetch((const char *)ordered_row(x, rows[i + AHEAD]), (ptrdiff_t)x->inner * 4);
    keys[i] = project(x, rows[i], direction);
    low += keys[i] <= middle;
  }
  const int least = n / LEAST_PART, most = n - least, groups = (n - 1) / GROUP_ROWS;
  const int place = ((low < least ? least : low > most ? most : low) + GROUP_ROWS / 2) / GROUP_ROWS;
  const int first = (place < 1 ? 1 : place > groups ? groups : place) * GROUP_ROWS;
  select_rows(keys, rows, n, first);
  return first;
}

/** Places of rows, and the number of them, that belong together. */
typedef struct {
  int32_t from, n;
} RowSet;

/** Splits a set of `sets`, and puts the larger half in its place and the other at the end. */
INLINE void split_set(const ORDER_ROWS_Arguments *x, RowSet *sets, int at, int end) {
  const RowSet set = sets[at];
  const int first = split_rows(x, (float *)x->keys + set.from, (int32_t *)x->order + set.from, set.n);
  const RowSet low = {set.from, first}, high = {set.from + first, set.n - first};
  sets[at] = low.n < high.n ? high : low;
  sets[end] = low.n < high.n ? low : high;
}

/**
 * Orders rows so that each GROUP_ROWS are a group: by halving sets of rows at two means. This kernel makes ORDER_SETS sets by
 * halving the largest, ORDER_PARTS the rest. table [n][inner], bias [n]. moments [inner + 1][inner + 1]. order i32 [n]: the row of
 * each place. keys [n] is scratch.
 */
KERNEL(ORDER_ROWS) {
  RowSet *sets = x.sets;
  int32_t *order = x.order;
  for (int i = 0; i < x.n; i++) order[i] = i;
  memset(sets, 0, sizeof *sets * ORDER_SETS);
  sets[0].n = x.n;
  for (int count = 1; count < ORDER_SETS; count++) {
    int largest = 0;
    for (int i = 1; i < count; i++)
      if (sets[i].n > sets[largest].n) largest = i;
    if (sets[largest].n > GROUP_ROWS) split_set(&x, sets, largest, count);
  }
}

/** Orders the rows of each set; every thread those of its share of the sets. */
KERNEL(ORDER_PARTS) {
  const ORDER_ROWS_Arguments all = {x.table, x.stride, x.n, x.inner, x.bias, x.moments, x.ldm, x.order, x.keys, x.sets};
  RowSet waiting[MOST_SETS];
  for (int set = share; set < ORDER_SETS; set += shares) {
    waiting[0] = ((const RowSet *)x.sets)[set];
    for (int count = 1; count > 0;) {
      if (waiting[count - 1].n <= GROUP_ROWS) count--;
      else split_set(&all, waiting, count - 1, count), count++;
    }
  }
}

/** Groups of n rows. */
INLINE int groups_of(int n) { return (n + GROUP_ROWS - 1) / GROUP_ROWS; }

/**
 * The int8 copy of the means of groups, in their first step[1] units as those of QUANTIZE_TABLE, split by blocks. The first unit is
 * the distance of a group's rows from their mean, since the best of them matter. A block has groups from far apart, so that any
 * blocks are a fair sample: that of lane l in block b is group l · blocks + b. A mean without a group is never the best. Nothing is
 * done while step[0] is 0, before rows were ordered.
 */
KERNEL(GROUP_MEANS) {
  const int32_t *order = x.order, *step = x.step;
  const int blocks = blocks_of(groups_of(x.n)), units = step[1];
  const size_t bytes = block_bytes_of(units);
  Point mean, point;
  if (step[0] == 0) return;
  for (int block = x.from; block < x.to; block++)
    for (int lane = 0; lane < BLOCK_ITEMS; lane++) {
      const int first = (lane * blocks + block) * GROUP_ROWS, rows = smaller(x.n - first, GROUP_ROWS);
      char *word = (char *)x.means + bytes * block + lane * 4;
      float bias = 0, squares = 0;
      memset(mean, 0, sizeof mean);
      for (int i = first; i < first + rows; i++) {
        const float *row = CONST_STEP(x.table, x.stride * order[i]);
        const char *next = (const char *)x.table + x.stride * order[smaller(i + AHEAD, x.n - 1)];
        fetch(next, (ptrdiff_t)x.inner * 4);
        add_to(mean, row, x.inner);
        bias += ((const float *)x.bias)[order[i]];
        squares += dot(row, row, x.inner);
      }
      for (int j = 0; j < x.inner && rows > 0; j++) mean[j] /= (float)rows;
      const float square = rows > 0 ? squares / (float)rows - dot(mean, mean, x.inner) : 0;
      turn(mean, x.inner, x.axes, x.lda, units, point);
      point[0] = square > 0 ? sqrtf(square) : 0;
      quantize_row(point, units, word);
      *(uint32_t *)word |= bfloat_above(rows > 0 ? bias / (float)rows : -1e37f);
    }
}

// Equal indices, and sums of rows: those that share an index, and those that a list of indices names.
#pragma once
#include "simd.h"

INLINE void add_row(float *to, const float *from, int n) {
  int i = 0;
  for (; i + W <= n; i += W) store(to + i, load(to + i) + load(from + i));
  if (i < n) {
    const M tail = first_lanes(n - i);
    store_lanes(to + i, tail, load_lanes(to + i, tail) + load_lanes(from + i, tail));
  }
}

/** Rows that are summed before a sum is stored. */
#define SUMMED_ROWS 32

/** out[o …] = x + the rows in `list`, for `count` vectors in registers; the last has the lanes of `m`. */
#define SUM_VECTORS(count)                                                                                            \
  {                                                                                                                   \
    V sums[count];                                                                                                    \
    UNROLL for (int v = 0; v < count; v++) sums[v] = x ? load(x + o + v * W) : splat(0);                              \
    for (int r = 0; r < rows; r++)                                                                                    \
      UNROLL for (int v = 0; v < count; v++) sums[v] += load(list[r] + o + v * W);                                    \
    UNROLL for (int v = 0; v < count; v++) store(out + o + v * W, sums[v]);                                           \
    o += count * W;                                                                                                   \
  }

/** Writes the sum of a row x, zeros if there is none, and of the rows in `list`, in their order. `out` may be x. */
static void sum_rows(float *out, const float *x, const float *const *list, int rows, int floats) {
  int o = 0;
  while (o + 8 * W <= floats) SUM_VECTORS(8)
  if (o + 4 * W <= floats) SUM_VECTORS(4)
  for (; o < floats; o += W) {
    const M m = ROW_LANES(floats - o);
    V sum = x ? load_lanes(x + o, m) : splat(0);
    for (int r = 0; r < rows; r++) sum += load_lanes(list[r] + o, m);
    store_lanes(out + o, m, sum);
  }
}

/** A row is one float of 4 bytes, or whole vectors. */
INLINE void add_bytes(float *to, const float *from, size_t bytes) {
  if (bytes == 4) *to += *from;
  else add_row(to, from, (int)(bytes / 4));
}

/** out[indices[i·k + j]] += rows[i], starting from zeros, `bytes` per row. Split by rows of `out`. Index −1 is skipped. */
KERNEL(SCATTER_ROWS) {
  const int32_t *indices = x.indices;
  memset(STEP(x.out, x.stride * x.from), 0, (size_t)(x.stride * (x.to - x.from)));
  for (int i = 0; i < x.n; i++)
    for (int j = 0; j < x.k; j++, indices++)
      if (*indices >= x.from && *indices < x.to)
        add_bytes(STEP(x.out, x.stride * *indices), CONST_STEP(x.rows, x.strideRows * i), x.bytes);
}

/** out[i] = row i of x + the sum of table[indices[i·k + j]], `bytes` per row. Split by rows of `out`. −1 adds nothing. */
KERNEL(ADD_ROWS) {
  const int floats = (int)(x.bytes / 4);
  for (int i = x.from; i < x.to; i++) {
    const int32_t *indices = (const int32_t *)x.indices + (size_t)x.k * i;
    const float *from = (const float *)(base + ((const uint32_t *)x.x)[i]);
    float *to = STEP(x.out, x.stride * i);
    if (floats == 1) {
      float sum = *from;
      for (int j = 0; j < x.k; j++) sum += indices[j] < 0 ? 0 : ((const float *)x.table)[indices[j]];
      *to = sum;
      continue;
    }
    const float *list[SUMMED_ROWS], *so_far = from;
    int j = 0;
    do {
      int rows = 0;
      for (; j < x.k && rows < SUMMED_ROWS; j++)
        if (indices[j] >= 0) list[rows++] = CONST_STEP(x.table, x.strideTable * indices[j]);
      sum_rows(to, so_far, list, rows, floats);
      so_far = to;
    } while (j < x.k);
  }
}

/**
 * out[u] = the sum of the rows of the u-th distinct index, in order of first appearance, followed by zeros. Index −1 is
 * skipped. Row i has the indices from i·k on. `map`: memory for `slots` pairs (index, u + 1) of open addressing; `slots` is a power
 * of two above n·k.
 */
KERNEL(MERGE_ROWS) {
  const int32_t *indices = x.indices;
  struct {
    int32_t index, number;
  } *map = x.map;
  const int n = x.n * x.k;
  memset(x.out, 0, (size_t)(x.stride * n));
  memset(map, 0, (size_t)x.slots * sizeof *map);
  int32_t count = 0;
  for (int i = 0; i < n; i++) {
    if (indices[i] < 0) continue;
    uint32_t at = hash_of(indices[i]) >> (__builtin_clz((unsigned)x.slots) + 1);
    while (map[at].number != 0 && map[at].index != indices[i]) at = (at + 1) & (uint32_t)(x.slots - 1);
    if (map[at].number == 0) {
      map[at].index = indices[i];
      map[at].number = ++count;
    }
    add_bytes(STEP(x.out, x.stride * (map[at].number - 1)), CONST_STEP(x.rows, x.strideRows * (i / x.k)), x.stride);
  }
}

/**
 * Finds the distinct indices in order of first appearance, and the chain of positions of each. `map` has one word per table
 * row. An entry is valid if it is at least the number in `cell`, so that nothing is cleared between steps. Index −1 is
 * skipped. Writes unique[u] (−1 after the last), head[u], next[position], count.
 */
KERNEL(UNIQUE_INDICES) {
  const int32_t *indices = x.indices;
  int32_t *map = x.map, *cell = x.cell, *unique = x.unique, *head = x.head, *next = x.next, *count = x.count;
  int32_t number = *cell;
  if (number == 0 || number > 1 << 30) {
    memset(map, 0, (size_t)x.mapRows * 4);
    number = 1;
  }
  int u = 0;
  for (int i = 0; i < x.n; i++) {
    if (PREFETCHES && i + AHEAD < x.n && indices[i + AHEAD] >= 0) prefetch(map + indices[i + AHEAD]);
    const int index = indices[i];
    if (index < 0) continue;
    int at = map[index] - number;
    if (at < 0) {
      at = u++;
      map[index] = number + at;
      unique[at] = index;
      head[at] = -1;
    }
    next[i] = head[at];
    head[at] = i;
  }
  *cell = number + x.n;
  *count = u;
  for (; u < x.n; u++) unique[u] = -1;
}

// A bias on the scores of the rows in each slot's history, while they are ranked.
#pragma once
#include "products.h"
#include "rank-lists.h"

/** An addition to the score of a row in a slot of the share, and the number of the next one of its block (0: none). */
typedef struct {
  int32_t row, slot;
  float value;
  int32_t next;
} Repeat;

/** The repeats of a share: per block of rows the number of its first one, which counts from 1. None without places. */
typedef struct {
  int32_t *first;
  Repeat *list;
} Repeats;

/** The places of a history: [slots][places] rows, and what they add. */
typedef struct {
  const int32_t *rows;
  size_t row_stride;
  const float *values;
  size_t value_stride;
  int places;
} History;

INLINE size_t first_bytes(int n) { return (ptrdiff_t)(((n + BLOCK - 1) / BLOCK + 3) & ~3) * 4; }
static size_t repeats_bytes(int n, int slots, int places) {
  return places == 0 ? 0 : first_bytes(n) + (ptrdiff_t)sizeof(Repeat) * ((ptrdiff_t)slots * places + 1);
}

INLINE const int32_t *rows_of(History x, int slot) { return (const int32_t *)CONST_STEP(x.rows, x.row_stride * slot); }
INLINE const float *values_of(History x, int slot) { return CONST_STEP(x.values, x.value_stride * slot); }

/** Chains the places of m slots by block, in order, in the memory at `chains`. Rows outside 0 … n − 1 are none. */
static Repeats chain_repeats(void *chains, int n, const int32_t *mine, int m, History x) {
  const Repeats repeats = {chains, (Repeat *)((char *)chains + first_bytes(n))};
  memset(chains, 0, (size_t)first_bytes(n));
  int32_t number = 0;
  for (int s = m - 1; s >= 0; s--) {
    const int32_t *rows = rows_of(x, mine[s]);
    const float *values = values_of(x, mine[s]);
    for (int j = x.places - 1; j >= 0; j--) {
      if (rows[j] < 0 || rows[j] >= n) continue;
      int32_t *first = repeats.first + rows[j] / BLOCK;
      repeats.list[++number] = (Repeat){rows[j], s, values[j], *first};
      *first = number;
    }
  }
  return repeats;
}

/** Adds to the block of scores that starts at row `from`. `scores` is where row 0 would be. */
static void add_to_block(Repeats x, float *scores, size_t width, int from) {
  if (!x.first) return;
  for (int32_t number = x.first[from / BLOCK]; number != 0; number = x.list[number].next)
    STEP(scores, width * x.list[number].row)[x.list[number].slot] += x.list[number].value;
}

/** Adds to the scores of the targets, one per slot. */
static void add_to_targets(float *scores, const int32_t *target, const int32_t *mine, int m, History x) {
  for (int s = 0; s < m; s++) {
    const int32_t *rows = rows_of(x, mine[s]);
    for (int j = 0; j < x.places; j++)
      if (rows[j] == target[mine[s]]) scores[s] += values_of(x, mine[s])[j];
  }
}

// A bias on the scores of rows whose item is in a slot's history, and its gradient.
//
// A share of FIND_REPEATS keeps, for each hash of an item, the number of its first place (0: none), then the places of the history
// from number 1 on, then how many rows it found, and these rows, ascending.
#pragma once
#include "simd.h"

/** A place of a history: its item, slot, number in the slot, and the number of the next place with its hash. */
typedef struct {
  int32_t item, slot, place, next;
} Place;

/** A found row, and the number of the first place with the hash of its item. The first entry of a list has how many follow. */
typedef struct {
  int32_t row, first;
} Found;

typedef struct {
  int32_t *cells;
  Place *places;
  Found *found;
  int shift;
} RepeatSearch;

/** 32 − the bits of a hash. There are at least four hashes per place, so that few items share one. */
INLINE int shift_of(int count) { return __builtin_clz((unsigned)count * 4 - 1); }
INLINE size_t cells_bytes(int count) { return (ptrdiff_t)4 << (32 - shift_of(count)); }
INLINE size_t places_bytes(int count) { return (ptrdiff_t)sizeof(Place) * ((ptrdiff_t)count + 1); }

SHARE_BYTES(FIND_REPEATS) {
  const int count = given[0] * given[1], n = given[2];
  return (cells_bytes(count) + places_bytes(count) + (ptrdiff_t)sizeof(Found) * ((ptrdiff_t)n + 2) + 63) & ~(ptrdiff_t)63;
}

static RepeatSearch search_of(const void *found, int slots, int k, int n, int share) {
  const int32_t given[] = {slots, k, n};
  char *at = (char *)found + FIND_REPEATS_share_bytes(given) * share;
  char *places = at + cells_bytes(slots * k);
  return (RepeatSearch){(int32_t *)at, (Place *)places, (Found *)(places + places_bytes(slots * k)), shift_of(slots * k)};
}

INLINE int32_t *cell_of(RepeatSearch x, int32_t item) { return &x.cells[hash_of(item) >> x.shift]; }

/**
 * Finds the rows whose item is in a history [slots][k], for ADD_REPEATS and SUM_REPEATS. Split by rows. −1 is no item.
 *
 * A row whose item only shares its hash with several places is also found. Nothing branches on a row, because a wrong guess
 * takes longer than all else that is done for it.
 */
KERNEL(FIND_REPEATS) {
  if (x.to <= x.from) return;
  const RepeatSearch search = search_of(x.found, x.slots, x.k, x.n, share);
  const int32_t *items = x.items;
  memset(search.cells, 0, (size_t)cells_bytes(x.slots * x.k));
  int32_t number = 0;
  for (int b = x.slots - 1; b >= 0; b--) {
    const int32_t *history = (const int32_t *)CONST_STEP(x.history, x.strideHistory * b);
    for (int j = x.k - 1; j >= 0; j--) {
      if (history[j] < 0) continue;
      int32_t *cell = cell_of(search, history[j]);
      search.places[++number] = (Place){history[j], b, j, *cell};
      *cell = number;
    }
  }
  Found *to = search.found + 1;
  for (int i = x.from; i < x.to; i++) {
    *to = (Found){i, *cell_of(search, items[i])};
    to += to->first != 0;
  }
  const Found *end = to;
  to = search.found + 1;
  for (const Found *at = to; at < end; at++) {
    *to = *at;
    const Place *place = &search.places[to->first];
    to += (place->item == items[to->row]) | (place->next != 0);
  }
  search.found->row = (int32_t)(to - search.found) - 1;
}

/** Runs a body for each place of a history whose item is that of a found row: row, b and j. */
#define EACH_REPEAT(SEARCH, ITEMS)                                                                                    \
  for (const Found *each = (SEARCH).found + 1, *end = each + (SEARCH).found->row; each < end; each++)                  \
    for (int number = each->first, row = each->row; number != 0; number = (SEARCH).places[number].next)                \
      for (const Place *place = &(SEARCH).places[number], *once = place; once; once = NULL)                            \
        if (place->item == (ITEMS)[row])

/**
 * out [n][slots] = x, plus values[b][j] where items[i] (i itself without items) is history[b][j]. Split by rows. `out` may be
 * x. With items, `found` are the shares of FIND_REPEATS.
 */
KERNEL(ADD_REPEATS) {
  if (x.to <= x.from) return;
  if (x.out != x.x)
    memcpy(STEP(x.out, x.stride * x.from), CONST_STEP(x.x, x.stride * x.from), (size_t)(x.stride * (x.to - x.from)));
  if (x.items) {
    const RepeatSearch search = search_of(x.found, x.slots, x.k, x.n, share);
    EACH_REPEAT(search, (const int32_t *)x.items)
    STEP(x.out, x.stride * row)[place->slot] += CONST_STEP(x.values, x.strideValues * place->slot)[place->place];
    return;
  }
  for (int b = 0; b < x.slots; b++) {
    const int32_t *history = (const int32_t *)CONST_STEP(x.history, x.strideHistory * b);
    for (int j = 0; j < x.k; j++)
      if (history[j] >= x.from && history[j] < x.to)
        STEP(x.out, x.stride * history[j])[b] += CONST_STEP(x.values, x.strideValues * b)[j];
  }
}

/** Whether row i has the item at place j of slot b's history; without items, a row is its item. */
#define IS_REPEAT(i, b, j)                                                                                            \
  ((x.items ? ((const int32_t *)x.items)[i] : (i)) == HISTORY(b, j) && HISTORY(b, j) >= 0)
#define HISTORY(b, j) (((const int32_t *)CONST_STEP(x.history, x.strideHistory * (b)))[j])

NAIVE_FORM(ADD_REPEATS) {
  for (int i = x.from; i < x.to; i++) {
    memmove(STEP(x.out, x.stride * i), CONST_STEP(x.x, x.stride * i), x.stride);
    for (int b = 0; b < x.slots; b++)
      for (int j = 0; j < x.k; j++)
        if (IS_REPEAT(i, b, j)) STEP(x.out, x.stride * i)[b] += CONST_STEP(x.values, x.strideValues * b)[j];
  }
}

/** out[b][j] = the sum of x[i][b] over the rows whose item is history[b][j]. With items, `found` has `shares`. */
KERNEL(SUM_REPEATS) {
  if (!x.items) {
    for (int b = 0; b < x.slots; b++) {
      const int32_t *history = (const int32_t *)CONST_STEP(x.history, x.strideHistory * b);
      for (int j = 0; j < x.k; j++) {
        const bool has = history[j] >= 0 && history[j] < x.n;
        STEP(x.out, x.strideOut * b)[j] = has ? CONST_STEP(x.x, x.stride * history[j])[b] : 0;
      }
    }
    return;
  }
  memset(x.out, 0, (size_t)(x.strideOut * x.slots));
  for (int t = 0; t < x.shares; t++) {
    if (share_bound(x.n, t + 1, x.shares) == share_bound(x.n, t, x.shares)) continue;
    RepeatSearch search = search_of(x.found, x.slots, x.k, x.n, t);
    // All shares have the same places. Those of the first one are near.
    search.places = search_of(x.found, x.slots, x.k, x.n, 0).places;
    EACH_REPEAT(search, (const int32_t *)x.items)
    STEP(x.out, x.strideOut * place->slot)[place->place] += CONST_STEP(x.x, x.stride * row)[place->slot];
  }
}

NAIVE_FORM(SUM_REPEATS) {
  for (int b = 0; b < x.slots; b++)
    for (int j = 0; j < x.k; j++) {
      float sum = 0;
      for (int i = 0; i < x.n; i++)
        if (IS_REPEAT(i, b, j)) sum += CONST_STEP(x.x, x.stride * i)[b];
      STEP(x.out, x.strideOut * b)[j] = sum;
    }
}

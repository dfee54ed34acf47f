// Adagrad and the rows that it updates: engine-wasm's assembly/adagrad.ts and assembly/rows.ts say what each kernel does.
#pragma once
#include "products.h"

typedef struct {
  float rate, momentum, epsilon;
} Rates;

/** One vector: acc += g², step = μ·mom − η·g / √(acc + ε), mom = step, θ += step; no mom: step without it. */
#define DESCEND(LOAD, STORE)                                                                                          \
  {                                                                                                                   \
    const V g = LOAD(gradient + i), sum = LOAD(acc + i) + g * g;                                                      \
    STORE(acc + i, sum);                                                                                              \
    V step = (-rates.rate * g) / square_root(sum + rates.epsilon);                                                    \
    if (mom) {                                                                                                        \
      step = rates.momentum * LOAD(mom + i) + step;                                                                   \
      STORE(mom + i, step);                                                                                           \
    }                                                                                                                 \
    STORE(value + i, LOAD(value + i) + step);                                                                         \
  }
#define LOAD_TAIL(p) load_lanes(p, tail)
#define STORE_TAIL(p, x) store_lanes(p, tail, x)

/** Updates n floats; mom may be null. */
INLINE void descend(float *value, float *acc, float *mom, const float *gradient, ptrdiff_t n, Rates rates) {
  ptrdiff_t i = 0;
  // Written twice, so that the loop does not ask for mom.
  if (mom) {
    for (; i + W <= n; i += W) DESCEND(load, store)
  } else {
    for (; i + W <= n; i += W) DESCEND(load, store)
  }
  if (i < n) {
    const M tail = first_lanes((int)(n - i));
    DESCEND(LOAD_TAIL, STORE_TAIL)
  }
}

KERNEL(ADAGRAD) {
  const ptrdiff_t from = x.stride * x.from / 4, n = (x.stride * x.to / 4 - from + 3) & ~3L;
  float *value = x.value, *acc = x.acc, *mom = x.mom;
  const float *gradient = x.gradient;
  descend(value + from, acc + from, mom ? mom + from : NULL, gradient + from, n,
          (Rates){x.rate, x.momentum, x.epsilon});
}

INLINE void add_row(float *to, const float *from, int n) {
  int i = 0;
  for (; i + W <= n; i += W) store(to + i, load(to + i) + load(from + i));
  if (i < n) {
    const M tail = first_lanes(n - i);
    store_lanes(to + i, tail, load_lanes(to + i, tail) + load_lanes(from + i, tail));
  }
}

/** Rows per block: fewer, so that those of the next block can be fetched while the product of this one runs. */
#define UPDATE_BLOCK 32
/** Most cache lines that are fetched for the next block. */
#define MOST_LINES 2048

/** Where rows of a table, its accumulator and its momentum are. */
typedef struct {
  char *table, *acc, *mom;
  ptrdiff_t stride, bytes;
} Rows;

/** Lists the cache lines of rows unique[from] … unique[to − 1], as far as `lines` holds them. @returns how many. */
static int list_lines(const char **lines, Rows rows, const int32_t *unique, int from, int to) {
  int n = 0;
  for (int u = from; u < to && n + 3 * (rows.bytes / 64 + 2) <= MOST_LINES; u++) {
    const ptrdiff_t at = rows.stride * unique[u];
    // Tables start at lines; rows may start within one.
    for (ptrdiff_t line = at & ~63L; line < at + rows.bytes; line += 64) {
      lines[n++] = rows.table + line;
      lines[n++] = rows.acc + line;
      if (rows.mom) lines[n++] = rows.mom + line;
    }
  }
  return n;
}

SHARE_BYTES(ADAGRAD_ROWS) { return ((ptrdiff_t)given[0] + 4) * ROW_BLOCK; }

/** Adds up the factor rows of each unique row, in place, and lists where the sums are; `zeros` where there is none. */
static void sum_factors(char *base, ADAGRAD_ROWS_Arguments x, int from, int to, uint32_t *list) {
  const int32_t *head = x.head, *next = x.next;
  const uint32_t zeros = (uint32_t)((const char *)x.zeros - base);
  for (int u = from; u < to; u++) {
    uint32_t first = 0;
    for (int p = head[u]; p >= 0; p = next[p]) {
      if (p >= x.products) continue;
      if (first == 0) first = x.sources[p];
      else add_row((float *)(base + first), (const float *)(base + x.sources[p]), (x.k + 3) & ~3);
    }
    list[u - from] = first == 0 ? zeros : first;
  }
}

KERNEL(ADAGRAD_ROWS) {
  const int floats = x.vectors * 4;
  const int32_t *unique = x.unique, *head = x.head, *next = x.next, given[] = {(int32_t)x.stride};
  float *block = STEP(x.blocks, ADAGRAD_ROWS_share_bytes(given) * share);
  uint32_t *list = (uint32_t *)STEP(block, x.stride * ROW_BLOCK);
  const Rows rows = {x.table, x.acc, x.mom, x.stride, floats * 4};
  const Product product = {base, list, false, x.k, x.b, x.ldb, block, x.stride, floats, {x.zeros, 0, START_INIT_VECTOR}};
  const char *lines[MOST_LINES];
  for (int from = x.from; from < x.to; from += UPDATE_BLOCK) {
    const int to = smaller(from + UPDATE_BLOCK, x.to);
    if (x.products == 0) memset(block, 0, (size_t)(x.stride * (to - from)));
    else {
      sum_factors(base, x, from, to, list);
      Queue queue = {lines, list_lines(lines, rows, unique, to, smaller(to + UPDATE_BLOCK, x.to))};
      multiply_rows(product, 0, to - from, &queue);
      for (; queue.left > 0; queue.left--) __builtin_prefetch(*queue.at++, 0, 3);
    }
    for (int u = from; u < to; u++) {
      float *gradient = STEP(block, x.stride * (u - from));
      for (int p = head[u]; p >= 0; p = next[p])
        if (p >= x.products) add_row(gradient, (const float *)(base + x.sources[p]), floats);
      const ptrdiff_t at = x.stride * unique[u];
      descend((float *)(rows.table + at), (float *)(rows.acc + at), rows.mom ? (float *)(rows.mom + at) : NULL, gradient,
              floats, (Rates){x.rate, x.momentum, x.epsilon});
    }
  }
}

KERNEL(ADAGRAD_SCALARS) {
  const int32_t *unique = x.unique, *head = x.head, *next = x.next;
  float *table = x.table, *acc = x.acc, *mom = x.mom;
  for (int u = x.from; u < x.to; u++) {
    if (u + AHEAD < x.to) {
      __builtin_prefetch(table + unique[u + AHEAD], 1, 3);
      __builtin_prefetch(acc + unique[u + AHEAD], 1, 3);
      if (mom) __builtin_prefetch(mom + unique[u + AHEAD], 1, 3);
    }
    const int at = unique[u];
    float g = 0;
    for (int p = head[u]; p >= 0; p = next[p]) g += *(const float *)(base + x.sources[p]);
    const float sum = acc[at] + g * g;
    acc[at] = sum;
    float step = -(x.rate * g) / sqrtf(sum + x.epsilon);
    if (mom) mom[at] = step += x.momentum * mom[at];
    table[at] += step;
  }
}

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
    if (i + AHEAD < x.n && indices[i + AHEAD] >= 0) __builtin_prefetch(map + indices[i + AHEAD], 1, 3);
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

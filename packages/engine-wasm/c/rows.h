// Adagrad with momentum, of whole tables and of rows with the gradients summed into each.
#pragma once
#include "products.h"
#include "row-sums.h"

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

/** The same for rows of `stride` bytes without gaps, split by rows. Four streams are more than processors follow in a busy cache. */
KERNEL(ADAGRAD) {
  const Run run = run_of(x.stride, x.from, x.to);
  const size_t end = run.from + run.floats, stretch = PREFETCHES ? 64 : run.floats;
  float *value = x.value, *acc = x.acc, *mom = x.mom;
  const float *gradient = x.gradient;
  for (size_t i = run.from; i < end; i += stretch) {
    const size_t next = i + stretch;
    fetch((const char *)(value + next), stretch * 4);
    fetch((const char *)(acc + next), stretch * 4);
    fetch((const char *)(gradient + next), stretch * 4);
    if (mom) fetch((const char *)(mom + next), stretch * 4);
    descend(value + i, acc + i, mom ? mom + i : NULL, gradient + i, next < end ? stretch : end - i,
            (Rates){x.rate, x.momentum, x.epsilon});
  }
}

/** Rows per block: few enough that those of the next block can be fetched while the product of this one runs. */
#define UPDATE_BLOCK (PREFETCHES ? 32 : ROW_BLOCK)
/** Most cache lines that are fetched for the next block. */
#define MOST_LINES (PREFETCHES ? 2048 : 1)

/** Where rows of a table, its accumulator and its momentum are. */
typedef struct {
  char *table, *acc, *mom;
  size_t stride, bytes;
} Rows;

/** Lists the cache lines of rows unique[from] … unique[to − 1], as far as `lines` holds them. @returns how many. */
static int list_lines(const char **lines, Rows rows, const int32_t *unique, int from, int to) {
  int n = 0;
  for (int u = from; PREFETCHES && u < to && n + 3 * (rows.bytes / 64 + 2) <= MOST_LINES; u++) {
    const size_t at = rows.stride * (size_t)unique[u];
    // Tables start at lines; rows may start within one.
    for (size_t line = at & ~(size_t)63; line < at + rows.bytes; line += 64) {
      lines[n++] = rows.table + line;
      lines[n++] = rows.acc + line;
      if (rows.mom) lines[n++] = rows.mom + line;
    }
  }
  return n;
}

/** The chains of positions with one index: head[u] is the first of unique index u, next[p] the one after position p, or −1. */
typedef struct {
  const int32_t *head, *next;
} Chains;

/** What gradients of rows are summed from: positions below `products` are factor rows, times b; the others gradient rows. */
typedef struct {
  char *base;
  Chains chains;
  int products;
  const uint32_t *sources;
  int k;
  const float *b;
  size_t ldb;
  const void *zeros;
} RowGradients;

/** Adds up the factor rows of each unique row, in place, and lists where the sums are; `zeros` where there is none. */
static void sum_factors(RowGradients x, int from, int to, uint32_t *list) {
  for (int u = from; u < to; u++) {
    uint32_t first = 0;
    for (int p = x.chains.head[u]; p >= 0; p = x.chains.next[p]) {
      if (p >= x.products) continue;
      if (first == 0) first = x.sources[p];
      else add_row((float *)(x.base + first), (const float *)(x.base + x.sources[p]), padded(x.k));
    }
    list[u - from] = first == 0 ? (uint32_t)((const char *)x.zeros - x.base) : first;
  }
}

/** Writes the sum of the gradient rows of unique index u, in the order of its chain. */
static void sum_chain_rows(RowGradients x, int u, float *out, int floats) {
  const float *list[SUMMED_ROWS], *so_far = NULL;
  int p = x.chains.head[u];
  do {
    int rows = 0;
    for (; p >= 0 && rows < SUMMED_ROWS; p = x.chains.next[p]) list[rows++] = (const float *)(x.base + x.sources[p]);
    sum_rows(out, so_far, list, rows, floats);
    so_far = out;
  } while (p >= 0);
}

/**
 * Writes the summed gradients of unique rows from … to − 1, at most ROW_BLOCK, to `out`, rows of `ldo` bytes. Factor rows with
 * the same index are summed before the product, in place. Fetches what is queued on the way.
 */
static void row_gradients(RowGradients x, int from, int to, uint32_t *list, float *out, size_t ldo, int floats,
                          Queue *queue) {
  if (x.products == 0) {
    for (int u = from; u < to; u++) sum_chain_rows(x, u, STEP(out, ldo * (u - from)), floats);
    return;
  }
  sum_factors(x, from, to, list);
  const Product product = {x.base, list, false, x.k, x.b, x.ldb, out, ldo, floats, {x.zeros, 0, START_INIT_VECTOR}};
  multiply_rows(product, 0, to - from, queue);
  for (int u = from; u < to; u++)
    for (int p = x.chains.head[u]; p >= 0; p = x.chains.next[p])
      if (p >= x.products) add_row(STEP(out, ldo * (u - from)), (const float *)(x.base + x.sources[p]), floats);
}

SHARE_BYTES(ADAGRAD_ROWS) { return ((ptrdiff_t)given[0] + 4) * ROW_BLOCK; }

/** Row-sparse update that computes the product of the gradient block by block, split by distinct rows. */
KERNEL(ADAGRAD_ROWS) {
  const int floats = x.vectors * 4;
  const int32_t *unique = x.unique;
  float *block = STEP(x.blocks, SHARE_OF(ADAGRAD_ROWS, (int32_t)x.stride) * share);
  uint32_t *list = (uint32_t *)STEP(block, x.stride * ROW_BLOCK);
  const Rows rows = {x.table, x.acc, x.mom, x.stride, floats * 4};
  const RowGradients gradients = {base, {x.head, x.next}, x.products, x.sources, x.k, x.b, x.ldb, x.zeros};
  const char *lines[MOST_LINES];
  for (int from = x.from; from < x.to; from += UPDATE_BLOCK) {
    const int to = smaller(from + UPDATE_BLOCK, x.to), behind = x.products == 0 ? to : smaller(to + UPDATE_BLOCK, x.to);
    Queue queue = {lines, list_lines(lines, rows, unique, to, behind)};
    row_gradients(gradients, from, to, list, block, x.stride, floats, &queue);
    for (int u = from; u < to; u++) {
      const size_t at = x.stride * (size_t)unique[u];
      touch(rows.table + at, rows.bytes);
      touch(rows.acc + at, rows.bytes);
      if (rows.mom) touch(rows.mom + at, rows.bytes);
    }
    for (int u = from; u < to; u++) {
      const size_t at = x.stride * (size_t)unique[u];
      for (int left = queue.left - queue.left / (to - u); queue.left > left; queue.left--) prefetch(*queue.at++);
      descend((float *)(rows.table + at), (float *)(rows.acc + at), rows.mom ? (float *)(rows.mom + at) : NULL,
              STEP(block, x.stride * (u - from)), floats, (Rates){x.rate, x.momentum, x.epsilon});
    }
  }
}

/** The sum of the floats at the positions of unique index u. */
INLINE float sum_chain(const char *base, Chains chains, const uint32_t *sources, int u) {
  float sum = 0;
  for (int p = chains.head[u]; p >= 0; p = chains.next[p]) sum += *(const float *)(base + sources[p]);
  return sum;
}

/** Row-sparse update of a table of one column, split by distinct rows. sources[position] is the address of one float. */
KERNEL(ADAGRAD_SCALARS) {
  const int32_t *unique = x.unique;
  const Chains chains = {x.head, x.next};
  float *table = x.table, *acc = x.acc, *mom = x.mom;
  for (int u = x.from; u < x.to; u++) {
    if (PREFETCHES && u + AHEAD < x.to) {
      prefetch(table + unique[u + AHEAD]);
      prefetch(acc + unique[u + AHEAD]);
      if (mom) prefetch(mom + unique[u + AHEAD]);
    }
    const int at = unique[u];
    const float g = sum_chain(base, chains, x.sources, u), sum = acc[at] + g * g;
    acc[at] = sum;
    float step = -(x.rate * g) / sqrtf(sum + x.epsilon);
    if (mom) mom[at] = step += x.momentum * mom[at];
    table[at] += step;
  }
}

SHARE_BYTES(SUM_ROW_GRADIENTS) { return given ? ROW_BLOCK * 4 : 0; }

/** Summed gradients of all unique rows, then zeros up to `capacity`, which is split, for optimisers without a kernel. */
KERNEL(SUM_ROW_GRADIENTS) {
  const int n = larger(x.from, smaller(x.to, *(const int32_t *)x.count));
  const RowGradients gradients = {base, {x.head, x.next}, x.products, x.sources, x.k, x.b, x.ldb, x.zeros};
  uint32_t *list = (uint32_t *)x.list + ROW_BLOCK * share;
  memset(STEP(x.out, x.ldo * n), 0, (size_t)(x.ldo * (x.to - n)));
  for (int from = x.from; from < n; from += ROW_BLOCK)
    row_gradients(gradients, from, smaller(from + ROW_BLOCK, n), list, STEP(x.out, x.ldo * from), x.ldo, x.vectors * 4,
                  NULL);
}

/** SUM_ROW_GRADIENTS for tables of one column. sources[position] is the address of one float. */
KERNEL(SUM_SCALAR_GRADIENTS) {
  const int n = *(const int32_t *)x.count;
  const Chains chains = {x.head, x.next};
  float *out = x.out;
  for (int u = x.from; u < x.to; u++) out[u] = u < n ? sum_chain(base, chains, x.sources, u) : 0;
}

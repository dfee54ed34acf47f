// Rows of tables: equal indices, the gradients summed into each row, and Adagrad on them.
#pragma once
#include "adagrad.h"
#include "products.h"
#include "row-sums.h"

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

/** Float j of the summed gradient of unique row u, naively: Σ over its positions p of factor_p · b[·][j] or gradient_p[j]. */
INLINE float row_gradient_naive(RowGradients x, int u, int j) {
  float sum = 0;
  for (int p = x.chains.head[u]; p >= 0; p = x.chains.next[p]) {
    const float *row = (const float *)(x.base + x.sources[p]);
    if (p >= x.products) sum += row[j];
    else
      for (int l = 0; l < x.k; l++) sum += row[l] * CONST_STEP(x.b, x.ldb * l)[j];
  }
  return sum;
}

SHARE_BYTES(ADAGRAD_ROWS) { return ((ptrdiff_t)given[0] + 4) * ROW_BLOCK; }

/** Row-sparse update that computes the product of the gradient block by block, split by distinct rows. */
KERNEL(ADAGRAD_ROWS) {
  const int floats = x.vectors * 4;
  const int32_t *unique = x.unique, given[] = {(int32_t)x.stride};
  float *block = STEP(x.blocks, ADAGRAD_ROWS_share_bytes(given) * share);
  uint32_t *list = (uint32_t *)STEP(block, x.stride * ROW_BLOCK);
  const Rows rows = {x.table, x.acc, x.mom, x.stride, floats * 4};
  const RowGradients gradients = {base, {x.head, x.next}, x.products, x.sources, x.k, x.b, x.ldb, x.zeros};
  const char *lines[MOST_LINES];
  for (int from = x.from; from < x.to; from += UPDATE_BLOCK) {
    const int to = smaller(from + UPDATE_BLOCK, x.to), behind = x.products == 0 ? to : smaller(to + UPDATE_BLOCK, x.to);
    Queue queue = {lines, list_lines(lines, rows, unique, to, behind)};
    row_gradients(gradients, from, to, list, block, x.stride, floats, &queue);
    for (; queue.left > 0; queue.left--) prefetch(*queue.at++);
    for (int u = from; u < to; u++) {
      const size_t at = x.stride * (size_t)unique[u];
      touch(rows.table + at, rows.bytes);
      touch(rows.acc + at, rows.bytes);
      if (rows.mom) touch(rows.mom + at, rows.bytes);
    }
    for (int u = from; u < to; u++) {
      const size_t at = x.stride * (size_t)unique[u];
      descend((float *)(rows.table + at), (float *)(rows.acc + at), rows.mom ? (float *)(rows.mom + at) : NULL,
              STEP(block, x.stride * (u - from)), floats, (Rates){x.rate, x.momentum, x.epsilon});
    }
  }
}

NAIVE_FORM(ADAGRAD_ROWS) {
  const RowGradients gradients = {base, {x.head, x.next}, x.products, x.sources, x.k, x.b, x.ldb, x.zeros};
  for (int u = x.from; u < x.to; u++)
    for (int j = 0; j < x.vectors * 4; j++) {
      const size_t at = x.stride * (size_t)((const int32_t *)x.unique)[u] + (size_t)j * 4;
      descend_naive(STEP(x.table, at), STEP(x.acc, at), x.mom ? STEP(x.mom, at) : NULL,
                    row_gradient_naive(gradients, u, j), (Rates){x.rate, x.momentum, x.epsilon});
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

NAIVE_FORM(SUM_ROW_GRADIENTS) {
  const RowGradients gradients = {base, {x.head, x.next}, x.products, x.sources, x.k, x.b, x.ldb, x.zeros};
  for (int u = x.from; u < x.to; u++)
    for (int j = 0; j < x.vectors * 4; j++)
      STEP(x.out, x.ldo * u)[j] = u < *(const int32_t *)x.count ? row_gradient_naive(gradients, u, j) : 0;
}

/** SUM_ROW_GRADIENTS for tables of one column. sources[position] is the address of one float. */
KERNEL(SUM_SCALAR_GRADIENTS) {
  const int n = *(const int32_t *)x.count;
  const Chains chains = {x.head, x.next};
  float *out = x.out;
  for (int u = x.from; u < x.to; u++) out[u] = u < n ? sum_chain(base, chains, x.sources, u) : 0;
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

/** Without `map`: each index is searched among the distinct ones. */
NAIVE_FORM(UNIQUE_INDICES) {
  const int32_t *indices = x.indices;
  int32_t *unique = x.unique, *head = x.head, *next = x.next, u = 0;
  for (int i = 0; i < x.n; i++) {
    if (indices[i] < 0) continue;
    int at = 0;
    while (at < u && unique[at] != indices[i]) at++;
    if (at == u) unique[u] = indices[i], head[u++] = -1;
    next[i] = head[at];
    head[at] = i;
  }
  *(int32_t *)x.count = u;
  for (; u < x.n; u++) unique[u] = -1;
}

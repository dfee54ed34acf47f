// Products. Operands are lists of row addresses, so that rows of a table are read in place.
#pragma once
#include "tiles.h"

/** Rows per block: what a block and the right operand's panel use stays in the first-level cache. */
#define BLOCK 64
/** Most rows per block where rows are what is summed over. Without prefetching, 64 are faster; else a batch of 80 is one block. */
#define SUMMED_BLOCK (PREFETCHES ? 128 : 64)
/** Longest stretch of the inner extent. */
#define INNER (PREFETCHES ? 256 : 128)

/** Whether a tile that reaches the end of a row of so many floats is masked. */
INLINE int is_masked(bool ends, int floats) { return W == 16 || (W == 8 && ends && floats % W != 0); }
INLINE M tail_of(bool ends, int floats) { return first_lanes(ends && floats % W != 0 ? floats % W : W); }

/** A product of rows: out[i][j] = init + Σ row_i[k] · b[k][j]. */
typedef struct {
  const char *base;
  const uint32_t *rows;
  bool scattered;
  int k;
  const float *b;
  size_t ldb;
  float *out;
  size_t ldo;
  int floats;
  Init init;
} Product;

/** Computes rows from … to − 1; fetches what is queued on the way. */
static void multiply_rows(Product x, int from, int to, Queue *queue) {
  const int stretches = larger(1, (x.k + INNER - 1) / INNER), stretch = (x.k + stretches - 1) / stretches;
  for (int i0 = from; i0 < to; i0 += BLOCK) {
    const int i1 = smaller(i0 + BLOCK, to);
    for (int i = i0; x.scattered && i < i1; i++) touch(x.base + x.rows[i], (ptrdiff_t)x.k * 4);
    for (int k0 = 0; k0 == 0 || k0 < x.k; k0 += larger(1, stretch)) {
      const int kn = smaller(stretch, x.k - k0);
      const float *bk = CONST_STEP(x.b, x.ldb * k0);
      for (int left = (x.floats + W - 1) / W, j = 0, width; left > 0; left -= width, j += width * W) {
        width = tile_width(left);
        const bool ends = left == width, fetches = PREFETCHES && x.scattered && j == 0;
        const M tail = tail_of(ends, x.floats);
        const int masked = is_masked(ends, x.floats);
        for (int i = i0, height; i < i1; i += height) {
          height = tile_height(i1 - i, width);
          float *out = STEP(x.out, x.ldo * i) + j;
          Init init = {out, x.ldo, START_INIT_VECTOR};
          if (k0 == 0 && x.init.mode == START_INIT_SPLAT) init = (Init){x.init.at + i, 0, START_INIT_SPLAT};
          else if (k0 == 0) init = (Init){CONST_STEP(x.init.at, x.init.stride * i) + j, x.init.stride, START_INIT_VECTOR};
          const size_t offset = (ptrdiff_t)k0 * 4;
          const bool queued = PREFETCHES && queue && queue->left >= kn;
          nn_tile(TILE_KEY(height, width, masked), x.base, x.rows + i, offset, kn, bk + j, x.ldb, init, out, x.ldo, tail,
                  queued ? queue->at : NULL, fetches && i + AHEAD + height <= to ? x.rows + i + AHEAD : NULL);
          if (queued) queue->at += kn, queue->left -= kn;
        }
      }
    }
  }
}

/** out[i][j] = init + Σ_k row_i[k] · b[k][j] for the rows of a share. `scattered` rows come from all over a table. */
KERNEL(NN) {
  const Product product = {base, x.rows, x.scattered, x.k, x.b, x.ldb, x.out, x.ldo, x.vectors * 4,
                           {x.init, x.initStride, x.mode}};
  multiply_rows(product, x.from, x.to, NULL);
}

/** A product of columns: out[i][j] = init[i][j] + Σ a[l][i] · row_l[j] over l from first … last − 1. */
typedef struct {
  const char *base;
  const float *a;
  size_t lda;
  const uint32_t *rows;
  int first, last;
  float *out;
  size_t ldo;
  int floats;
  const float *init;
  size_t initStride;
} ColumnProduct;

/** Computes rows from … to − 1 of the result. */
static void multiply_columns(ColumnProduct x, int from, int to) {
  const int count = x.last - x.first, blocks = (count + SUMMED_BLOCK - 1) / SUMMED_BLOCK;
  const int each = blocks ? (count + blocks - 1) / blocks : 1;
  for (int l0 = x.first; l0 == x.first || l0 < x.last; l0 += each) {
    const int n = smaller(each, x.last - l0);
    for (int left = (x.floats + W - 1) / W, j = 0, width; left > 0; left -= width, j += width * W) {
      width = tile_width(left);
      const bool ends = left == width;
      const M tail = tail_of(ends, x.floats);
      const int masked = is_masked(ends, x.floats);
      for (int i = from, height; i < to; i += height) {
        height = tile_height(to - i, width);
        float *out = STEP(x.out, x.ldo * i) + j;
        const Init onto = {out, x.ldo, START_INIT_VECTOR};
        const Init start = {CONST_STEP(x.init, x.initStride * i) + j, x.initStride, START_INIT_VECTOR};
        tn_tile(TILE_KEY(height, width, masked), x.base, x.rows + l0, (ptrdiff_t)j * 4, n,
                CONST_STEP(x.a, x.lda * l0) + i, x.lda, l0 > x.first ? onto : start, out, x.ldo, tail);
      }
    }
  }
}

/** out[i][j] = init[i][j] + Σ_l a[l][i] · row_l[j] over l < k, split by rows of the result. */
KERNEL(TN) {
  const ColumnProduct product = {base, x.a, x.lda, x.rows, 0, x.k, x.out, x.ldo, x.vectors * 4, x.init, x.initStride};
  multiply_columns(product, x.from, x.to);
}

SHARE_BYTES(TN_PART) { return (ptrdiff_t)given[0] * given[1]; }

/** Where a share leaves its part of a product. */
INLINE ColumnProduct part_of_product(const char *base, TN_PART_Arguments x, int share) {
  float *part = STEP(x.parts, SHARE_OF(TN_PART, (int32_t)x.ldo, x.m) * share);
  return (ColumnProduct){base, x.a, x.lda, x.rows, x.from, x.to, part, x.ldo, x.vectors * 4, x.zeros, 0};
}

/** The product of TN, split by l: each share leaves its own sum, m rows of ldo bytes, in `parts`. */
KERNEL(TN_PART) { multiply_columns(part_of_product(base, x, share), 0, x.m); }

/** out[i] = init[i] + Σ over `count` parts, split by rows. */
KERNEL(SUM_PARTS) {
  const size_t size = SHARE_OF(TN_PART, (int32_t)x.ldo, x.m);
  for (int i = x.from; i < x.to; i++) {
    EACH_VECTOR(x.vectors * 4) {
      V sum = load_lanes(CONST_STEP(x.init, x.initStride * i) + o, m);
      const float *part = CONST_STEP(x.parts, x.ldo * i) + o;
      for (int t = 0; t < x.count; t++, part = CONST_STEP(part, size)) sum += load_lanes(part, m);
      store_lanes(STEP(x.out, x.ldo * i) + o, m, sum);
    }
  }
}

/** A product with any strides, in floats, one element at a time, for operands of a single column. Split by rows. */
KERNEL(PRODUCT_SCALAR) {
  const float *a = x.a, *b = x.b;
  float *out = x.out;
  for (int i = x.from; i < x.to; i++) {
    for (int j = 0; j < x.n; j++) {
      float sum = 0;
      for (int l = 0; l < x.k; l++) sum += a[(ptrdiff_t)i * x.ai + l * x.ak] * b[(ptrdiff_t)l * x.bk + j * x.bj];
      out[(ptrdiff_t)i * x.oi + j] = sum;
    }
  }
}

/** The dot products of n ≤ 4 rows of k floats with x; what is behind a row may be anything. */
INLINE void dots(const float *const *rows, int n, const float *x, int k, float *out) {
  V sum[4][2];
  UNROLL for (int r = 0; r < n; r++) sum[r][0] = sum[r][1] = splat(0);
  int j = 0;
  for (; W > 4 && j + 2 * W <= k; j += 2 * W)
    UNROLL for (int r = 0; r < n; r++) {
      sum[r][0] += load(rows[r] + j) * load(x + j);
      sum[r][1] += load(rows[r] + j + W) * load(x + j + W);
    }
  for (; j + W <= k; j += W) UNROLL for (int r = 0; r < n; r++) sum[r][0] += load(rows[r] + j) * load(x + j);
  if (j < k) {
    const M tail = first_lanes(k - j);
    const V last = load_lanes(x + j, tail);
    UNROLL for (int r = 0; r < n; r++) sum[r][0] += load_lanes(rows[r] + j, tail) * last;
  }
  UNROLL for (int r = 0; r < n; r++) out[r] = total(sum[r][0] + sum[r][1]);
}

INLINE float dot(const float *row, const float *x, int k) {
  float out;
  dots(&row, 1, x, k, &out);
  return out;
}

/**
 * out[i] = Σ_k row_i[k] · x[k]: a matrix times one vector, split by rows. Without prefetching, reads four parts of a share at
 * the same time, because one core reads memory faster in four streams than in one.
 */
KERNEL(ROW_DOTS) {
  float *out = x.out;
  int i = x.from;
  for (const int part = PREFETCHES ? 0 : (x.to - i) / 4, end = i + part; i < end; i++) {
    const float *rows[4];
    float of[4];
    UNROLL for (int r = 0; r < 4; r++) rows[r] = (const float *)(base + x.rows[i + part * r]);
    dots(rows, 4, x.x, x.k, of);
    UNROLL for (int r = 0; r < 4; r++) out[i + part * r] = of[r];
  }
  if (!PREFETCHES) i = x.from + (x.to - x.from) / 4 * 4;
  for (; i < x.to; i++) {
    if (i + AHEAD < x.to) fetch(base + x.rows[i + AHEAD], (ptrdiff_t)x.k * 4);
    out[i] = dot((const float *)(base + x.rows[i]), x.x, x.k);
  }
}

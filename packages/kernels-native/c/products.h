// Products: engine-wasm's assembly/products.ts says what each kernel computes.
#pragma once
#include "vector-math.h"

/** Rows per block: what a block and the right operand's panel use stays in the first-level cache. */
#define BLOCK 64
/** Most rows per block where rows are what is summed over: a batch of 80 is one block. */
#define SUMMED_BLOCK 128
/** Longest stretch of the inner extent. */
#define INNER 256
/** Scattered rows are fetched this many rows ahead. */
#define AHEAD 24

/** Where accumulators start: a vector per row, `stride` bytes apart, or one float per row. */
typedef struct {
  const float *at;
  ptrdiff_t stride;
  int mode;
} Init;

/** Cache lines to fetch while a product runs, one per step of its inner loop. */
typedef struct {
  const char *const *at;
  int left;
} Queue;

// Register tiles of R rows × C vectors. MASKED: the last vector is loaded and stored by `tail`; with AVX-512 always, as
// that costs nothing there.
#define TILE_START(r, c)                                                                                              \
  (init.mode == START_INIT_SPLAT  ? splat(init.at[r])                                                                       \
   : MASKED && c == LAST    ? load_lanes(CONST_STEP(init.at, init.stride * r) + c * W, tail)                          \
                            : load(CONST_STEP(init.at, init.stride * r) + c * W))
#define TILE_END(r, c)                                                                                                \
  if (MASKED && c == LAST) store_lanes(STEP(out, ldo * r) + c * W, tail, acc[r][c]);                                  \
  else store(STEP(out, ldo * r) + c * W, acc[r][c])
#define TILE_LOAD(p, c) (MASKED && c == LAST ? load_lanes((p) + c * W, tail) : load((p) + c * W))

#define DEFINE_TILES(R, C, MASKED_)                                                                                   \
  INLINE void nn_any_##R##_##C##_##MASKED_(const char *base, const uint32_t *rows, ptrdiff_t offset, int k,            \
                                           const float *b, ptrdiff_t ldb, Init init, float *out, ptrdiff_t ldo,        \
                                           M tail, const char *const *queue) {                                         \
    enum { MASKED = MASKED_, LAST = C - 1 };                                                                          \
    const float *p[R];                                                                                                \
    V acc[R][C];                                                                                                      \
    UNROLL for (int r = 0; r < R; r++) p[r] = (const float *)(base + rows[r] + offset);                               \
    UNROLL for (int r = 0; r < R; r++) UNROLL for (int c = 0; c < C; c++) acc[r][c] = TILE_START(r, c);               \
    for (ptrdiff_t l = 0; l < k; l++, b = CONST_STEP(b, ldb)) {                                                       \
      V x[C];                                                                                                         \
      UNROLL for (int c = 0; c < C; c++) x[c] = TILE_LOAD(b, c);                                                      \
      if (queue) __builtin_prefetch(queue[l], 0, 3);                                                                  \
      UNROLL for (int r = 0; r < R; r++) {                                                                            \
        const V s = splat(p[r][l]);                                                                                   \
        UNROLL for (int c = 0; c < C; c++) acc[r][c] += s * x[c];                                                     \
      }                                                                                                               \
    }                                                                                                                 \
    UNROLL for (int r = 0; r < R; r++) UNROLL for (int c = 0; c < C; c++) { TILE_END(r, c); }                         \
  }                                                                                                                   \
  static void nn_##R##_##C##_##MASKED_(const char *base, const uint32_t *rows, ptrdiff_t offset, int k,                \
                                       const float *b, ptrdiff_t ldb, Init init, float *out, ptrdiff_t ldo, M tail) {  \
    nn_any_##R##_##C##_##MASKED_(base, rows, offset, k, b, ldb, init, out, ldo, tail, NULL);                           \
  }                                                                                                                   \
  static void nn_fetch_##R##_##C##_##MASKED_(const char *base, const uint32_t *rows, ptrdiff_t offset, int k,          \
                                             const float *b, ptrdiff_t ldb, Init init, float *out, ptrdiff_t ldo,      \
                                             M tail, const char *const *queue) {                                       \
    nn_any_##R##_##C##_##MASKED_(base, rows, offset, k, b, ldb, init, out, ldo, tail, queue);                          \
  }                                                                                                                   \
  static void tn_##R##_##C##_##MASKED_(const char *base, const uint32_t *rows, ptrdiff_t offset, int n,                \
                                       const float *a, ptrdiff_t lda, Init init, float *out, ptrdiff_t ldo, M tail) {  \
    enum { MASKED = MASKED_, LAST = C - 1 };                                                                          \
    V acc[R][C];                                                                                                      \
    UNROLL for (int r = 0; r < R; r++) UNROLL for (int c = 0; c < C; c++) acc[r][c] = TILE_START(r, c);               \
    for (ptrdiff_t l = 0; l < n; l++, a = CONST_STEP(a, lda)) {                                                       \
      const float *p = (const float *)(base + rows[l] + offset);                                                      \
      V x[C];                                                                                                         \
      UNROLL for (int c = 0; c < C; c++) x[c] = TILE_LOAD(p, c);                                                      \
      UNROLL for (int r = 0; r < R; r++) {                                                                            \
        const V s = splat(a[r]);                                                                                      \
        UNROLL for (int c = 0; c < C; c++) acc[r][c] += s * x[c];                                                     \
      }                                                                                                               \
    }                                                                                                                 \
    UNROLL for (int r = 0; r < R; r++) UNROLL for (int c = 0; c < C; c++) { TILE_END(r, c); }                         \
  }

// The sizes that the registers of a set hold: 32 with AVX-512 and NEON, 16 with AVX2.
#define OF_HEIGHTS(DO, C, MASKED) DO(8, C, MASKED) DO(4, C, MASKED) DO(2, C, MASKED) DO(1, C, MASKED)
#if W == 8
#define OF_MASKS(DO, MASKED)                                                                                          \
  DO(4, 3, MASKED) DO(2, 3, MASKED) DO(1, 3, MASKED)                                                                  \
  DO(6, 2, MASKED) DO(4, 2, MASKED) DO(2, 2, MASKED) DO(1, 2, MASKED)                                                 \
  OF_HEIGHTS(DO, 1, MASKED)
#define ALL_TILES(DO) OF_MASKS(DO, 0) OF_MASKS(DO, 1)
#else
#define OF_MASKS(DO, MASKED) OF_HEIGHTS(DO, 3, MASKED) OF_HEIGHTS(DO, 2, MASKED) OF_HEIGHTS(DO, 1, MASKED)
#if W == 16
#define ALL_TILES(DO) OF_MASKS(DO, 1)
#else
// Rows are whole vectors.
#define ALL_TILES(DO) OF_MASKS(DO, 0)
#endif
#endif
ALL_TILES(DEFINE_TILES)

/** Vectors of the next tile: no single vector is left over (4 = 2 + 2, 7 = 3 + 2 + 2). */
INLINE int tile_width(int left) { return left == 4 ? 2 : smaller(left, 3); }

/** Rows of the next tile: as many as the registers hold. */
INLINE int tile_height(int rows, int width) {
  if (rows >= 8 && (W != 8 || width == 1)) return 8;
  if (W == 8 && rows >= 6 && width == 2) return 6;
  return rows >= 4 ? 4 : rows >= 2 ? 2 : 1;
}

typedef void (*Tile)(const char *, const uint32_t *, ptrdiff_t, int, const float *, ptrdiff_t, Init, float *, ptrdiff_t, M);
typedef void (*FetchingTile)(const char *, const uint32_t *, ptrdiff_t, int, const float *, ptrdiff_t, Init, float *,
                             ptrdiff_t, M, const char *const *);
#define NN_TILE(R, C, MASKED) [R][C][MASKED] = nn_##R##_##C##_##MASKED,
#define NN_FETCHING_TILE(R, C, MASKED) [R][C][MASKED] = nn_fetch_##R##_##C##_##MASKED,
#define TN_TILE(R, C, MASKED) [R][C][MASKED] = tn_##R##_##C##_##MASKED,
static const Tile nn_tiles[9][4][2] = {ALL_TILES(NN_TILE)}, tn_tiles[9][4][2] = {ALL_TILES(TN_TILE)};
static const FetchingTile nn_fetching_tiles[9][4][2] = {ALL_TILES(NN_FETCHING_TILE)};

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
  ptrdiff_t ldb;
  float *out;
  ptrdiff_t ldo;
  int floats;
  Init init;
} Product;

/** Computes rows from … to − 1; fetches what is queued on the way. */
static void multiply_rows(Product x, int from, int to, Queue *queue) {
  const int stretches = larger(1, (x.k + INNER - 1) / INNER), stretch = (x.k + stretches - 1) / stretches;
  for (int i0 = from; i0 < to; i0 += BLOCK) {
    const int i1 = smaller(i0 + BLOCK, to);
    for (int k0 = 0; k0 == 0 || k0 < x.k; k0 += larger(1, stretch)) {
      const int kn = smaller(stretch, x.k - k0);
      const float *bk = CONST_STEP(x.b, x.ldb * k0);
      for (int left = (x.floats + W - 1) / W, j = 0, width; left > 0; left -= width, j += width * W) {
        width = tile_width(left);
        const bool ends = left == width, fetches = x.scattered && k0 == 0 && j == 0;
        const M tail = tail_of(ends, x.floats);
        const int masked = is_masked(ends, x.floats);
        for (int i = i0, height; i < i1; i += height) {
          height = tile_height(i1 - i, width);
          for (int q = i + AHEAD; fetches && q < smaller(i + AHEAD + height, to); q++)
            fetch(x.base + x.rows[q], (ptrdiff_t)x.k * 4);
          float *out = STEP(x.out, x.ldo * i) + j;
          Init init = {out, x.ldo, START_INIT_VECTOR};
          if (k0 == 0 && x.init.mode == START_INIT_SPLAT) init = (Init){x.init.at + i, 0, START_INIT_SPLAT};
          else if (k0 == 0) init = (Init){CONST_STEP(x.init.at, x.init.stride * i) + j, x.init.stride, START_INIT_VECTOR};
          const ptrdiff_t offset = (ptrdiff_t)k0 * 4;
          if (queue && queue->left >= kn) {
            nn_fetching_tiles[height][width][masked](x.base, x.rows + i, offset, kn, bk + j, x.ldb, init, out, x.ldo, tail, queue->at);
            queue->at += kn;
            queue->left -= kn;
          } else nn_tiles[height][width][masked](x.base, x.rows + i, offset, kn, bk + j, x.ldb, init, out, x.ldo, tail);
        }
      }
    }
  }
}

KERNEL(NN) {
  const Product product = {base, x.rows, x.scattered, x.k, x.b, x.ldb, x.out, x.ldo, x.vectors * 4,
                           {x.init, x.initStride, x.mode}};
  multiply_rows(product, x.from, x.to, NULL);
}

/** A product of columns: out[i][j] = init[i][j] + Σ a[l][i] · row_l[j] over l from first … last − 1. */
typedef struct {
  const char *base;
  const float *a;
  ptrdiff_t lda;
  const uint32_t *rows;
  int first, last;
  float *out;
  ptrdiff_t ldo;
  int floats;
  const float *init;
  ptrdiff_t initStride;
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
        tn_tiles[height][width][masked](x.base, x.rows + l0, (ptrdiff_t)j * 4, n, CONST_STEP(x.a, x.lda * l0) + i, x.lda,
                                        l0 > x.first ? onto : start, out, x.ldo, tail);
      }
    }
  }
}

KERNEL(TN) {
  const ColumnProduct product = {base, x.a, x.lda, x.rows, 0, x.k, x.out, x.ldo, x.vectors * 4, x.init, x.initStride};
  multiply_columns(product, x.from, x.to);
}

SHARE_BYTES(TN_PART) { return (ptrdiff_t)given[0] * given[1]; }

/** The same product split by l: each share leaves its own sum, m rows of ldo bytes, in `parts`. */
KERNEL(TN_PART) {
  const int32_t given[] = {(int32_t)x.ldo, x.m};
  float *part = STEP(x.parts, TN_PART_share_bytes(given) * share);
  const ColumnProduct product = {base, x.a, x.lda, x.rows, x.from, x.to, part, x.ldo, x.vectors * 4, x.zeros, 0};
  multiply_columns(product, 0, x.m);
}

/** The dot product of k floats; what is behind the row may be anything. */
INLINE float dot(const float *row, const float *x, int k) {
  V s0 = splat(0), s1 = s0;
  int j = 0;
  for (; j + 2 * W <= k; j += 2 * W) {
    s0 += load(row + j) * load(x + j);
    s1 += load(row + j + W) * load(x + j + W);
  }
  for (; j < k; j += W) {
    const M m = first_lanes(k - j);
    s0 += load_lanes(row + j, m) * load_lanes(x + j, m);
  }
  return total(s0 + s1);
}

KERNEL(ROW_DOTS) {
  float *out = x.out;
  for (int i = x.from; i < x.to; i++) {
    if (i + AHEAD < x.to) fetch(base + x.rows[i + AHEAD], (ptrdiff_t)x.k * 4);
    out[i] = dot((const float *)(base + x.rows[i]), x.x, x.k);
  }
}

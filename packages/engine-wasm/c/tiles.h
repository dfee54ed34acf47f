// Register tiles of products.
#pragma once
#include "vector-math.h"

/** Where accumulators start: a vector per row, `stride` bytes apart, or one float per row. */
typedef struct {
  const float *at;
  size_t stride;
  int mode;
} Init;

/** Cache lines to fetch while a product runs, one per step of its inner loop. */
typedef struct {
  const char *const *at;
  int left;
} Queue;

/** Floats of a cache line, and rows of a product of columns that are fetched ahead. */
enum { LINE = 16, SOON = 16 };

// Register tiles of R rows × C vectors. MASKED: the last vector is loaded and stored by `tail`; with AVX-512 always, as
// that costs nothing there. What comes later is fetched line by line in the inner loop: a burst of misses would stop it.
// `queue`: a line per step; `later`: rows whose lines are fetched as those of this tile are read.
#define TILE_START(r, c)                                                                                              \
  (init.mode == START_INIT_SPLAT  ? splat(init.at[r])                                                                       \
   : MASKED && c == LAST    ? load_lanes(CONST_STEP(init.at, init.stride * r) + c * W, tail)                          \
                            : load(CONST_STEP(init.at, init.stride * r) + c * W))
#define TILE_END(r, c)                                                                                                \
  if (MASKED && c == LAST) store_lanes(STEP(out, ldo * r) + c * W, tail, acc[r][c]);                                  \
  else store(STEP(out, ldo * r) + c * W, acc[r][c])
#define TILE_LOAD(p, c) (MASKED && c == LAST ? load_lanes((p) + c * W, tail) : load((p) + c * W))

#define NN_PARAMETERS                                                                                                 \
  const char *base, const uint32_t *rows, size_t offset, int k, const float *b, size_t ldb, Init init, float *out,     \
      size_t ldo, M tail
#define NN_GIVEN base, rows, offset, k, b, ldb, init, out, ldo, tail
#define TN_PARAMETERS                                                                                                 \
  const char *base, const uint32_t *rows, size_t offset, int n, const float *a, size_t lda, Init init, float *out,     \
      size_t ldo, M tail

#define DEFINE_TILES(R, C, MASKED_)                                                                                   \
  INLINE void nn_any_##R##_##C##_##MASKED_(NN_PARAMETERS, const char *const *queue, const uint32_t *later) {           \
    enum { MASKED = MASKED_, LAST = C - 1 };                                                                          \
    const float *p[R];                                                                                                \
    V acc[R][C];                                                                                                      \
    UNROLL for (int r = 0; r < R; r++) p[r] = (const float *)(base + rows[r] + offset);                               \
    UNROLL for (int r = 0; r < R; r++) UNROLL for (int c = 0; c < C; c++) acc[r][c] = TILE_START(r, c);               \
    for (ptrdiff_t l = 0; l < k; l++, b = CONST_STEP(b, ldb)) {                                                       \
      V x[C];                                                                                                         \
      UNROLL for (int c = 0; c < C; c++) x[c] = TILE_LOAD(b, c);                                                      \
      if (queue) prefetch(queue[l]);                                                                                  \
      if (later && l % LINE == 0) UNROLL for (int r = 0; r < R; r++) prefetch(base + later[r] + offset + l * 4);         \
      UNROLL for (int r = 0; r < R; r++) {                                                                            \
        const V s = splat(p[r][l]);                                                                                   \
        UNROLL for (int c = 0; c < C; c++) acc[r][c] += s * x[c];                                                     \
      }                                                                                                               \
    }                                                                                                                 \
    UNROLL for (int r = 0; r < R; r++) UNROLL for (int c = 0; c < C; c++) { TILE_END(r, c); }                         \
  }                                                                                                                   \
  static void nn_##R##_##C##_##MASKED_(NN_PARAMETERS) {                                                                \
    nn_any_##R##_##C##_##MASKED_(NN_GIVEN, NULL, NULL);                                                                \
  }                                                                                                                   \
  static void nn_fetch_##R##_##C##_##MASKED_(NN_PARAMETERS, const char *const *queue) {                                \
    nn_any_##R##_##C##_##MASKED_(NN_GIVEN, queue, NULL);                                                               \
  }                                                                                                                   \
  static void nn_later_##R##_##C##_##MASKED_(NN_PARAMETERS, const uint32_t *later) {                                   \
    nn_any_##R##_##C##_##MASKED_(NN_GIVEN, NULL, later);                                                               \
  }                                                                                                                   \
  static void tn_##R##_##C##_##MASKED_(TN_PARAMETERS) {                                                                \
    enum { MASKED = MASKED_, LAST = C - 1 };                                                                          \
    V acc[R][C];                                                                                                      \
    UNROLL for (int r = 0; r < R; r++) UNROLL for (int c = 0; c < C; c++) acc[r][c] = TILE_START(r, c);               \
    for (ptrdiff_t l = 0; l < n; l++, a = CONST_STEP(a, lda)) {                                                       \
      const float *p = (const float *)(base + rows[l] + offset);                                                      \
      if (PREFETCHES && R >= 4)                                                                                        \
        UNROLL for (int c = 0; c < C; c++) prefetch(base + rows[smaller(l + SOON, n - 1)] + offset + c * W * 4);       \
      V x[C];                                                                                                         \
      UNROLL for (int c = 0; c < C; c++) x[c] = TILE_LOAD(p, c);                                                      \
      UNROLL for (int r = 0; r < R; r++) {                                                                            \
        const V s = splat(a[r]);                                                                                      \
        UNROLL for (int c = 0; c < C; c++) acc[r][c] += s * x[c];                                                     \
      }                                                                                                               \
    }                                                                                                                 \
    UNROLL for (int r = 0; r < R; r++) UNROLL for (int c = 0; c < C; c++) { TILE_END(r, c); }                         \
  }

// The sizes that the registers of a set hold: 32 with AVX-512 and NEON, 16 with AVX2 and in V8. Measured in V8: larger tiles
// spill and run at half the speed. On Zen 5, in GFLOP/s (multiply and add / fused): 2 × 4 59 / 59, 4 × 2 57 / 58,
// 2 × 3 56 / 49, 3 × 3 27 / 61, 2 × 5 29 / 26.
#define OF_HEIGHTS(DO, C, MASKED) DO(8, C, MASKED) DO(4, C, MASKED) DO(2, C, MASKED) DO(1, C, MASKED)
#define OF_WIDTHS(DO, MASKED) OF_HEIGHTS(DO, 3, MASKED) OF_HEIGHTS(DO, 2, MASKED) OF_HEIGHTS(DO, 1, MASKED)
#if defined(__wasm__)
#define ALL_TILES(DO)                                                                                                 \
  DO(2, 4, 0) DO(1, 4, 0) DO(2, 3, 0) DO(1, 3, 0) DO(4, 2, 0) DO(2, 2, 0) DO(1, 2, 0) DO(4, 1, 0) DO(2, 1, 0) DO(1, 1, 0)
#elif W == 4
#define ALL_TILES(DO) OF_WIDTHS(DO, 0)
#elif W == 8
#define OF_MASKS(DO, MASKED)                                                                                          \
  DO(4, 3, MASKED) DO(2, 3, MASKED) DO(1, 3, MASKED)                                                                  \
  DO(6, 2, MASKED) DO(4, 2, MASKED) DO(2, 2, MASKED) DO(1, 2, MASKED)                                                 \
  OF_HEIGHTS(DO, 1, MASKED)
#define ALL_TILES(DO) OF_MASKS(DO, 0) OF_MASKS(DO, 1)
#else
#define ALL_TILES(DO) OF_WIDTHS(DO, 1)
#endif
ALL_TILES(DEFINE_TILES)

#ifdef __wasm__
/** Vectors of the next tile: no single vector is left over (5 = 3 + 2). */
INLINE int tile_width(int left) { return left == 5 ? 3 : smaller(left, 4); }
/** Rows of the next tile: as many as the registers hold. */
INLINE int tile_height(int rows, int width) { return rows >= 4 && width <= 2 ? 4 : smaller(rows, 2); }
#else
/** Vectors of the next tile: no single vector is left over (4 = 2 + 2, 7 = 3 + 2 + 2). */
INLINE int tile_width(int left) { return left == 4 ? 2 : smaller(left, 3); }
/** Rows of the next tile: as many as the registers hold. */
INLINE int tile_height(int rows, int width) {
  if (rows >= 8 && (W != 8 || width == 1)) return 8;
  if (W == 8 && rows >= 6 && width == 2) return 6;
  return rows >= 4 ? 4 : rows >= 2 ? 2 : 1;
}
#endif

/** A tile by its size. A switch, because WebAssembly checks the type of each call through a table. */
#define TILE_KEY(R, C, MASKED) (((R) * 8 + (C)) * 2 + (MASKED))
#define NN_CASE(R, C, MASKED)                                                                                         \
  case TILE_KEY(R, C, MASKED):                                                                                        \
    if (PREFETCHES && queue) nn_fetch_##R##_##C##_##MASKED(NN_GIVEN, queue);                                           \
    else if (PREFETCHES && later) nn_later_##R##_##C##_##MASKED(NN_GIVEN, later);                                      \
    else nn_##R##_##C##_##MASKED(NN_GIVEN);                                                                            \
    return;
#define TN_CASE(R, C, MASKED)                                                                                         \
  case TILE_KEY(R, C, MASKED): tn_##R##_##C##_##MASKED(base, rows, offset, n, a, lda, init, out, ldo, tail); return;
INLINE void nn_tile(int key, NN_PARAMETERS, const char *const *queue, const uint32_t *later) {
  switch (key) {
    ALL_TILES(NN_CASE)
    default: __builtin_unreachable();
  }
}
INLINE void tn_tile(int key, TN_PARAMETERS) {
  switch (key) {
    ALL_TILES(TN_CASE)
    default: __builtin_unreachable();
  }
}

// The int8 copy of a table, for screening.
//
// Row w of the table with scale a becomes integers q, w ≈ a·q, from −63 to 63, stored plus 64. All instruction sets multiply such
// bytes by signed ones without overflow. BLOCK_ITEMS rows are a block: a word per row, with the scale in its upper half and a
// bound of the bias in its lower half, both as bfloat16; then for each 4 units the 4 bytes of each row.
#pragma once
#include "products.h"
#include "rank-lists.h"

/** The greatest magnitude of a row's integers. */
#define MOST_OF_ROW 63
/** Added to a row's integers, so that bytes are from 1 to 127. */
#define BYTE_ZERO 64
/** Covers the rounding of sums of float32 with a bias, of its magnitude. */
#define SUM_SLACK 0.0005f
/** The least scale: squares of smaller ones would underflow. */
#define LEAST_SCALE 0x1p-100f
/** Sums of products of numbers up to this magnitude do not overflow. */
#define MOST_BOUNDED 1e16f
/** Covers the rounding of a norm's own sum of squares. */
#define NORM_SLACK 1.001f
/** Covers the rounding of a division by the scale, per unit. */
#define UNIT_SLACK 2e-5f
/** Covers what turning two rows rounds off their product, of the magnitude of its bound. */
#define TURN_SLACK 1e-4f
/** Blocks of n rows. */
INLINE int blocks_of(int n) { return (n + BLOCK_ITEMS - 1) / BLOCK_ITEMS; }
/** Bytes of a block. */
INLINE size_t block_bytes_of(int inner) { return 64 + (ptrdiff_t)((inner + 3) >> 2) * 64; }

/** The greatest magnitude of n floats, or NaN if one is. */
INLINE float greatest(const float *x, int n) {
  V most = splat(0);
  for (int j = 0; j < n; j += W) {
    const V v = magnitude(load_lanes(x + j, first_lanes(n - j)));
    most = pick(at_most(v, most), most, pick(nan_lanes(most), most, v));
  }
  float lanes[W], all = 0;
  store(lanes, most);
  for (int l = 0; l < W; l++) all = lanes[l] <= all || all != all ? all : lanes[l];
  return all;
}

INLINE uint32_t bits_of(float x) {
  uint32_t bits;
  memcpy(&bits, &x, 4);
  return bits;
}

/** The least bfloat16 not below x and what sums with x round off, or NaN where a sum with x might overflow. */
INLINE uint32_t bfloat_above(float x) {
  if (!(fabsf(x) <= 1e38f)) return 0x7fc0;
  const float above = x + fabsf(x) * SUM_SLACK;
  return (above > 0 ? bits_of(above) + 0xffff : bits_of(above)) >> 16;
}

/** Bounds of the norms of w/a − q and of w/a and q. */
typedef struct {
  float error, norm;
} Norms;

/** Writes the scale and the bytes of a row at its word of a block. */
static Norms quantize_row(const float *row, int inner, char *word) {
  const float most = greatest(row, inner);
  const bool bounded = most <= MOST_BOUNDED;
  // Rounded up, so that the greatest integer is MOST_OF_ROW.
  const uint32_t least = bits_of(LEAST_SCALE), rounded = (bits_of(most / MOST_OF_ROW) + 0xffff) & 0xffff0000;
  const uint32_t scale = !bounded ? bits_of(1) : rounded > least ? rounded : least;
  float of_scale;
  memcpy(&of_scale, &scale, 4);
  *(uint32_t *)word = scale;
  const float factor = bounded ? 1 / of_scale : 0;
  V errors = splat(0), squares = errors;
  for (int j = 0; j < inner; j += W) {
    const M m = first_lanes(bounded ? inner - j : 0);
    const V exact = load_lanes(row + j, m) * factor, integer = nearest(exact), error = exact - integer;
    errors += error * error;
    squares += integer * integer;
    // 1.5·2²³ makes integers the low bits of a float.
    uint32_t bytes[W];
    store((float *)bytes, (V)((VU)(integer + (12582912.0f + BYTE_ZERO)) & 0x7f));
    for (int u = 0; u < W && j + u < inner; u += 4)
      *(uint32_t *)(word + 64 + (j + u) * 16) = bytes[u] | bytes[u + 1] << 8 | bytes[u + 2] << 16 | bytes[u + 3] << 24;
  }
  if (!bounded) return (Norms){INFINITY, 0};
  const float bound = NORM_SLACK * sqrtf(total(errors)) + UNIT_SLACK * sqrtf((float)inner);
  return (Norms){bound, NORM_SLACK * sqrtf(total(squares)) + bound};
}

/** A row behind a number of its own. */
typedef float Point[GROUPED_UNITS + 8];

/** Writes a row, in directions `axes` [inner][inner] if given, behind the norm of its units from `from` on. @returns all units. */
INLINE int turn(const float *row, int inner, const float *axes, size_t lda, int from, float *to) {
  float squares = 0;
  for (int j = 1; j <= inner; j++) {
    to[j] = axes ? dot(CONST_STEP(axes, lda * (j - 1)), row, inner) : row[j - 1];
    if (j >= from) squares += to[j] * to[j];
  }
  to[0] = sqrtf(squares);
  return inner + 1;
}

/**
 * Writes the copy, split by blocks. table [n][inner], bias [n], order [n]: the row of each place, or NULL. With axes, its rows are
 * those of `turn`, in the directions of axes and from step[1] on if step[0] is set. norms [blocks][2]: the greatest norm of w/a − q
 * of the block's rows, which is ∞ if a row is not bounded, and the greatest bound of the norms of w/a and q.
 */
KERNEL(QUANTIZE_TABLE) {
  const size_t bytes = block_bytes_of(x.axes ? x.inner + 1 : x.inner);
  const float *bias = x.bias;
  const int32_t *order = x.order, *step = x.step;
  Point point;
  for (int block = x.from; block < x.to; block++) {
    Norms most = {0, 0};
    for (int lane = 0; lane < BLOCK_ITEMS; lane++) {
      const int place = block * BLOCK_ITEMS + lane;
      char *word = (char *)x.copy + bytes * block + lane * 4;
      if (place >= x.n) {
        // Never a candidate.
        *(uint32_t *)word = 0;
        for (size_t o = 64; o < bytes; o += 64) *(uint32_t *)(word + o) = BYTE_ZERO * 0x01010101u;
        continue;
      }
      const int row = order ? order[place] : place;
      if (order && place + AHEAD < x.n) fetch((const char *)x.table + x.stride * order[place + AHEAD], (ptrdiff_t)x.inner * 4);
      const float *values = CONST_STEP(x.table, x.stride * row);
      const bool turned = x.axes && step[0];
      const int from = turned ? step[1] : x.inner + 1;
      const int units = x.axes ? turn(values, x.inner, turned ? x.axes : NULL, x.lda, from, point) : x.inner;
      const Norms own = quantize_row(x.axes ? point : values, units, word);
      *(uint32_t *)word |= bfloat_above(bias[row]);
      if (own.error > most.error) most.error = own.error;
      if (own.norm > most.norm) most.norm = own.norm;
    }
    ((float *)x.norms)[block * 2] = most.error;
    ((float *)x.norms)[block * 2 + 1] = most.norm;
  }
}

#ifndef HAS_DOT_TWICE
#define HAS_DOT_TWICE 0
#define dot_bytes_twice(sum, bytes, ...) ((void)(bytes), (sum))
#endif
/** The greatest magnitude of an integer of a hidden state. 16 bits have the sums of dot_bytes_twice, 4 · 127 · 63. */
#define MOST_OF_SLOT (HAS_DOT_TWICE ? 63 : 127)

// Vectors of one instruction set. kernels.c is compiled once per set.
//
// V: W floats; VI: W integers; M: W lanes that are on or off. +, −, ·, ÷ are the compiler's own, with a float as one
// operand broadcast. Nothing assumes away NaN or infinity.
//   first_lanes(n)        the first n lanes, all from W on, none below 1
//   lane(i)               lane i; none if there is no lane i
//   load_lanes(p, m)      zeros where m is off, without reading behind the row
//   store_lanes(p, m, x)  writes only where m is on
//   minimum, maximum      as pmin and pmax of WebAssembly: a NaN in a stays, one in b is passed over
//   pick(m, yes, no)      yes where m is on
//   count_lanes(n, m)     n + 1 where m is on
//   lane_bits(m)          a bit per lane; any_lane(m): whether one is on
//   nearest(x)            rounded to integers, halves to even
//   total(x)              the sum of all lanes
//   product_of_even       64-bit products of the unsigned even lanes; or HAS_WIDE_PRODUCT and wide_product of random.h
//   at_most(a, b)         a ≤ b, which no NaN is
//   dot_bytes(sum, b, i)  sum + the products of each lane's four bytes of b, from 0 to 127, and signed bytes of i
//   fast_dot_bytes        the same in functions with FAST_DOT_TARGET, for processors with HAS_FAST_DOT
//   dot_bytes_twice       two of dot_bytes at once, for sets with HAS_DOT_TWICE, and integers i up to 63
//   has_matrix_unit()     whether the unit of sets with MATRIX_UNIT can be used here, in functions with MATRIX_TARGET
//   prefetch(p)           fetches the cache line of p, for sets with PREFETCHES
//   zip_low, zip_high     in each group of 4 lanes, the lanes of the lower or the upper half of a and b in turn
//   zip_low_pairs, …      the same with pairs of lanes
#pragma once
#include <math.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#define INLINE static inline __attribute__((always_inline))
/** For what runs rarely, so that loops around it stay small. */
#define NOINLINE __attribute__((noinline))
#define UNROLL _Pragma("GCC unroll 16")

#ifdef __wasm__
// Unrolled, a long loop has more values than V8 has registers.
#define KEEP_LOOP _Pragma("nounroll")
#else
#define KEEP_LOOP
#define PREFETCHES 1
#define prefetch(p) __builtin_prefetch(p, 0, 3)
#endif

#if defined(__AVX512F__)
#include "simd-avx512.h"
#elif defined(__AVX2__)
#include "simd-avx2.h"
#elif defined(__aarch64__)
#include "simd-neon.h"
#elif defined(__wasm_simd128__)
#include "simd-wasm.h"
#else
#error "kernels.c needs AVX-512, AVX2, NEON or WebAssembly SIMD"
#endif

#ifndef MATRIX_UNIT
#define MATRIX_UNIT 0
#endif
#ifdef __SANITIZE_ADDRESS__
/** Reads each lane by itself, because GCC's AddressSanitizer does not check masked loads and stores. */
INLINE void touch_lanes(const float *p, M m) {
  for (int i = 0; i < W; i++)
    if (lane_bits(m) >> i & 1) (void)*(const volatile float *)(p + i);
}
#define load_lanes(p, m) (touch_lanes(p, m), load_lanes(p, m))
#define store_lanes(p, m, x) (touch_lanes(p, m), store_lanes(p, m, x))
#endif

typedef uint32_t VU __attribute__((vector_size(W * 4)));

/** The address `bytes` behind p. */
#define STEP(p, bytes) ((float *)((char *)(p) + (bytes)))
#define CONST_STEP(p, bytes) ((const float *)((const char *)(p) + (bytes)))

/** n rounded up to whole vectors of four floats. */
INLINE int padded(int n) { return (n + 3) & ~3; }

/** The lanes of a row's last vector, of which n are left. */
#if W == 4
#define ROW_LANES(n) ((M)isplat(-1))
#else
#define ROW_LANES(n) first_lanes(n)
#endif
/** Rows of a share that stay in the nearest caches while their vectors are processed. */
#define ROWS_NEAR 64
/** Runs a body for blocks of rows i0 … i1 − 1 of a share. */
#define EACH_BLOCK(from, to)                                                                                          \
  for (int i0 = (from), i1 = smaller(i0 + ROWS_NEAR, (to)); i0 < (to); i0 = i1, i1 = smaller(i0 + ROWS_NEAR, (to)))
/**
 * Runs a body per row i of i0 … i1 − 1, four in a row without a test between them, because V8 makes the constants of an
 * exponential again in each round of a loop: 3.6 ns per vector, and 2.4 with four.
 */
#define EACH_ROW(BODY)                                                                                                \
  do {                                                                                                                \
    int i = i0;                                                                                                       \
    for (; i + 4 <= i1; i += 4) { BODY(i) BODY(i + 1) BODY(i + 2) BODY(i + 3) }                                        \
    for (; i < i1; i++) { BODY(i) }                                                                                   \
  } while (0)

/** Runs a body for each vector of the first `floats` floats of a row: o is its offset in floats, m its lanes. */
#define EACH_VECTOR(floats)                                                                                           \
  for (int o = 0; o < (floats); o += W)                                                                               \
    for (M m = ROW_LANES((floats) - o), *once = &m; once; once = NULL)

/** Floats of a share of rows without gaps. Unsigned, because a memory has more than 2 GiB where pointers have 32 bits. */
typedef struct {
  size_t from, floats;
} Run;
INLINE Run run_of(size_t stride, int from, int to) {
  const size_t first = (size_t)stride * (size_t)from / 4, end = (size_t)stride * (size_t)to / 4;
  return (Run){first, (end - first + 3) & ~(size_t)3};
}

/** Spreads neighbouring numbers over 32 bits: 2³² divided by the golden ratio (Knuth, volume 3, section 6.4). */
INLINE uint32_t hash_of(int32_t number) { return (uint32_t)number * 0x9e3779b1u; }

INLINE int smaller(int x, int y) { return x < y ? x : y; }
INLINE int larger(int x, int y) { return x > y ? x : y; }

/** Scattered rows are fetched this many rows ahead. */
#define AHEAD 24

/** Fetches the cache lines of `bytes` bytes from p on. */
INLINE void fetch(const char *p, size_t bytes) {
  if (PREFETCHES)
    for (const char *end = p + bytes; p < end; p += 64) prefetch(p);
}

/**
 * Loads from each of these cache lines, for sets that cannot fetch them. Done for many rows before their first use, so that
 * misses overlap.
 */
INLINE void touch(const char *p, size_t bytes) {
  if (PREFETCHES) return;
  int loaded = 0;
  for (const char *end = p + bytes; p < end; p += 64) loaded ^= *(const int *)p;
  __asm__ volatile("" : : "r"(loaded));
}

/** Copies n floats. V8 makes a call of memcpy, which is faster only for many. */
INLINE void copy_floats(float *to, const float *from, ptrdiff_t n) {
#ifdef __wasm__
  if (n < 128) {
    ptrdiff_t i = 0;
    for (; i + W <= n; i += W) store(to + i, opaque(load(from + i)));
    for (; i < n; i++) to[i] = opaque(splat(from[i]))[0];
    return;
  }
#endif
  memcpy(to, from, (size_t)n * 4);
}

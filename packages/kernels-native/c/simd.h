// Vectors of one instruction set. kernels.c is compiled once per set.
//
// V: W floats; VI: W integers; M: W lanes that are on or off. +, −, ·, ÷ are the compiler's own, with a float as one
// operand broadcast. Nothing assumes away NaN or infinity.
//   first_lanes(n)        the first n lanes, all from W on, none below 1
//   lane(i)               lane i; none if there is no lane i
//   load_lanes(p, m)      zeros where m is off, without reading there
//   store_lanes(p, m, x)  writes only where m is on
//   minimum, maximum      as pmin and pmax of WebAssembly: a NaN in a stays, one in b is passed over
//   pick(m, yes, no)      yes where m is on
//   count_lanes(n, m)     n + 1 where m is on
//   total(x)              the sum of all lanes
//   product_of_even       64-bit products of the unsigned even lanes
//   at_most(a, b)         a ≤ b, which no NaN is
//   dot_bytes(sum, b, i)  sum + the products of each lane's four bytes of b, from 0 to 127, and signed bytes of i
//   fast_dot_bytes        the same in functions with FAST_DOT_TARGET, for processors with HAS_FAST_DOT
//   zip_low, zip_high     in each group of 4 lanes, the lanes of the lower or the upper half of a and b in turn
//   zip_low_pairs, …      the same with pairs of lanes
#pragma once
#include <math.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#define INLINE static inline __attribute__((always_inline))
#define UNROLL _Pragma("GCC unroll 16")

#if defined(__AVX512F__)
#include "simd-avx512.h"
#elif defined(__AVX2__)
#include "simd-avx2.h"
#elif defined(__aarch64__)
#include "simd-neon.h"
#else
#error "kernels.c needs AVX-512, AVX2 or NEON"
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

/** Runs a body for each vector of the first `floats` floats of a row: o is its offset in floats, m its lanes. */
#define EACH_VECTOR(floats)                                                                                           \
  for (int o = 0; o < (floats); o += W)                                                                               \
    for (M m = first_lanes((floats) - o), *once = &m; once; once = NULL)

INLINE int smaller(int x, int y) { return x < y ? x : y; }
INLINE int larger(int x, int y) { return x > y ? x : y; }

/** Fetches the cache lines of `bytes` bytes from p on. */
INLINE void fetch(const char *p, ptrdiff_t bytes) {
  for (const char *end = p + bytes; p < end; p += 64) __builtin_prefetch(p, 0, 3);
}

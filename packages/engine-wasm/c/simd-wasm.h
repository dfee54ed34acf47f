// Vectors of 4 floats (WebAssembly SIMD). simd.h says what each function does. Rows are whole vectors here, as with NEON.
#pragma once
#include <wasm_simd128.h>

#define W 4
/** There is no instruction that fetches a cache line. */
#define PREFETCHES 0
#define prefetch(p) ((void)(p))
typedef float V __attribute__((vector_size(16)));
typedef int32_t VI __attribute__((vector_size(16)));
typedef uint32_t M __attribute__((vector_size(16)));

INLINE V splat(float x) { return (V)wasm_f32x4_splat(x); }
INLINE VI isplat(int x) { return (VI)wasm_i32x4_splat(x); }
INLINE V load(const float *p) { return (V)wasm_v128_load(p); }
INLINE void store(float *p, V x) { wasm_v128_store(p, (v128_t)x); }
INLINE VI lane_numbers(void) { return (VI){0, 1, 2, 3}; }
INLINE M first_lanes(int n) { return (M)(isplat(n) > lane_numbers()); }
INLINE M lane(int i) { return (M)(isplat(i) == lane_numbers()); }
INLINE V pick(M m, V yes, V no) { return (V)wasm_v128_bitselect((v128_t)yes, (v128_t)no, (v128_t)m); }
INLINE V load_lanes(const float *p, M m) { return (V)((M)load(p) & m); }
INLINE void store_lanes(float *p, M m, V x) { store(p, pick(m, x, load(p))); }
INLINE V square_root(V x) { return (V)wasm_f32x4_sqrt((v128_t)x); }
INLINE V magnitude(V x) { return (V)wasm_f32x4_abs((v128_t)x); }
INLINE V nearest(V x) { return (V)wasm_f32x4_nearest((v128_t)x); }
INLINE V to_float(VI x) { return (V)wasm_f32x4_convert_i32x4((v128_t)x); }
INLINE M greater(V a, V b) { return (M)(a > b); }
INLINE M less(V a, V b) { return (M)(a < b); }
INLINE M equal(V a, V b) { return (M)(a == b); }
INLINE M at_most(V a, V b) { return (M)(a <= b); }
INLINE M nan_lanes(V a) { return (M)(a != a); }
INLINE VI count_lanes(VI n, M m) { return n - (VI)m; }
INLINE unsigned lane_bits(M m) { return wasm_i32x4_bitmask((v128_t)m); }
INLINE bool any_lane(M m) { return wasm_v128_any_true((v128_t)m); }
INLINE float total(V x) {
  x += (V)wasm_i32x4_shuffle((v128_t)x, (v128_t)x, 2, 3, 0, 1);
  return x[0] + x[1];
}
INLINE V minimum(V a, V b) { return (V)wasm_f32x4_pmin((v128_t)a, (v128_t)b); }
INLINE V maximum(V a, V b) { return (V)wasm_f32x4_pmax((v128_t)a, (v128_t)b); }

/** Hides a value from the compiler, which else makes a memcpy of a loop of copies, and slow 64-bit products of constants. */
INLINE V opaque(V x) {
  __asm__ volatile("" : "+r"(x));
  return x;
}
#define HAS_WIDE_PRODUCT
INLINE M factor_of(uint32_t constant) { return (M)wasm_u32x4_splat(constant); }
INLINE void wide_product(M x, M factor, M *high, M *low) {
  const v128_t k = (v128_t)opaque((V)factor);
  const v128_t a = wasm_u64x2_extmul_low_u32x4((v128_t)x, k), b = wasm_u64x2_extmul_high_u32x4((v128_t)x, k);
  *low = (M)wasm_i32x4_shuffle(a, b, 0, 2, 4, 6);
  *high = (M)wasm_i32x4_shuffle(a, b, 1, 3, 5, 7);
}

#ifdef __wasm_relaxed_simd__
INLINE v128_t pair_sums(VI bytes, VI integers) {
  return wasm_i16x8_relaxed_dot_i8x16_i7x16((v128_t)integers, (v128_t)bytes);
}
// The relaxed instruction that does both loads its ones again each time in V8: 100,000 × 100 in 0.28 instead of 0.22 ms.
INLINE VI add_pairs(VI sum, v128_t pairs) { return sum + (VI)wasm_i32x4_dot_i16x8(pairs, wasm_i16x8_splat(1)); }
INLINE VI dot_bytes(VI sum, VI bytes, VI integers) { return add_pairs(sum, pair_sums(bytes, integers)); }
#define HAS_DOT_TWICE 1
INLINE VI dot_bytes_twice(VI sum, VI bytes, VI integers, VI more_bytes, VI more_integers) {
  return add_pairs(sum, wasm_i16x8_add(pair_sums(bytes, integers), pair_sums(more_bytes, more_integers)));
}
#else
INLINE VI dot_bytes(VI sum, VI bytes, VI integers) {
  const v128_t low = wasm_i16x8_extmul_low_i8x16((v128_t)bytes, (v128_t)integers);
  const v128_t high = wasm_i16x8_extmul_high_i8x16((v128_t)bytes, (v128_t)integers);
  // Lanes of two pairs each become lanes of four bytes.
  const v128_t a = wasm_i32x4_extadd_pairwise_i16x8(low), b = wasm_i32x4_extadd_pairwise_i16x8(high);
  return sum + (VI)wasm_i32x4_add(wasm_i32x4_shuffle(a, b, 0, 2, 4, 6), wasm_i32x4_shuffle(a, b, 1, 3, 5, 7));
}
#endif
INLINE VI zip_low(VI a, VI b) { return (VI)wasm_i32x4_shuffle((v128_t)a, (v128_t)b, 0, 4, 1, 5); }
INLINE VI zip_high(VI a, VI b) { return (VI)wasm_i32x4_shuffle((v128_t)a, (v128_t)b, 2, 6, 3, 7); }
INLINE VI zip_low_pairs(VI a, VI b) { return (VI)wasm_i64x2_shuffle((v128_t)a, (v128_t)b, 0, 2); }
INLINE VI zip_high_pairs(VI a, VI b) { return (VI)wasm_i64x2_shuffle((v128_t)a, (v128_t)b, 1, 3); }

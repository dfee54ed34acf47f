// Vectors of 8 floats (AVX2, FMA). simd.h says what each function does.
#pragma once
#include <cpuid.h>
#include <immintrin.h>

#define W 8
typedef __m256 V;
typedef __m256i VI;
typedef __m256i M;

INLINE V splat(float x) { return _mm256_set1_ps(x); }
INLINE VI isplat(int x) { return _mm256_set1_epi32(x); }
INLINE V load(const float *p) { return _mm256_loadu_ps(p); }
INLINE void store(float *p, V x) { _mm256_storeu_ps(p, x); }
INLINE VI lane_numbers(void) { return _mm256_setr_epi32(0, 1, 2, 3, 4, 5, 6, 7); }
INLINE M first_lanes(int n) { return _mm256_cmpgt_epi32(isplat(n), lane_numbers()); }
INLINE M lane(int i) { return _mm256_cmpeq_epi32(isplat(i), lane_numbers()); }
INLINE V load_lanes(const float *p, M m) { return _mm256_maskload_ps(p, m); }
INLINE void store_lanes(float *p, M m, V x) { _mm256_maskstore_ps(p, m, x); }
INLINE V square_root(V x) { return _mm256_sqrt_ps(x); }
INLINE V magnitude(V x) { return _mm256_andnot_ps(splat(-0.0f), x); }
INLINE V nearest(V x) { return _mm256_round_ps(x, _MM_FROUND_TO_NEAREST_INT | _MM_FROUND_NO_EXC); }
INLINE V to_float(VI x) { return _mm256_cvtepi32_ps(x); }
INLINE M greater(V a, V b) { return (M)_mm256_cmp_ps(a, b, _CMP_GT_OQ); }
INLINE M less(V a, V b) { return (M)_mm256_cmp_ps(a, b, _CMP_LT_OQ); }
INLINE M equal(V a, V b) { return (M)_mm256_cmp_ps(a, b, _CMP_EQ_OQ); }
INLINE M at_most(V a, V b) { return (M)_mm256_cmp_ps(a, b, _CMP_LE_OQ); }
INLINE M nan_lanes(V a) { return (M)_mm256_cmp_ps(a, a, _CMP_UNORD_Q); }
INLINE V pick(M m, V yes, V no) { return _mm256_blendv_ps(no, yes, (V)m); }
INLINE VI count_lanes(VI n, M m) { return _mm256_sub_epi32(n, m); }
INLINE unsigned lane_bits(M m) { return (unsigned)_mm256_movemask_ps((V)m); }
INLINE bool any_lane(M m) { return !_mm256_testz_si256(m, m); }
INLINE VI product_of_even(VI a, VI b) { return _mm256_mul_epu32(a, b); }
INLINE float total(V x) {
  __m128 y = _mm_add_ps(_mm256_castps256_ps128(x), _mm256_extractf128_ps(x, 1));
  y = _mm_add_ps(y, _mm_movehl_ps(y, y));
  return _mm_cvtss_f32(_mm_add_ss(y, _mm_movehdup_ps(y)));
}
INLINE V minimum(V a, V b) { return _mm256_min_ps(b, a); }
INLINE V maximum(V a, V b) { return _mm256_max_ps(b, a); }
INLINE VI dot_bytes(VI sum, VI bytes, VI integers) {
  return _mm256_add_epi32(sum, _mm256_madd_epi16(_mm256_maddubs_epi16(bytes, integers), _mm256_set1_epi16(1)));
}
/** Asks the processor once, because a virtual machine answers slowly. Clang 14 has no name for AVX-VNNI to ask for. */
static bool has_avx_vnni(void) {
  static int answer;
  if (!answer) {
    unsigned a = 0, b, c, d;
    answer = __get_cpuid_count(7, 1, &a, &b, &c, &d) && (a >> 4 & 1) ? 1 : -1;
  }
  return answer > 0;
}
#define FAST_DOT_TARGET __attribute__((target("avxvnni")))
#define HAS_FAST_DOT has_avx_vnni()
#define fast_dot_bytes _mm256_dpbusd_avx_epi32
INLINE VI zip_low(VI a, VI b) { return _mm256_unpacklo_epi32(a, b); }
INLINE VI zip_high(VI a, VI b) { return _mm256_unpackhi_epi32(a, b); }
INLINE VI zip_low_pairs(VI a, VI b) { return _mm256_unpacklo_epi64(a, b); }
INLINE VI zip_high_pairs(VI a, VI b) { return _mm256_unpackhi_epi64(a, b); }

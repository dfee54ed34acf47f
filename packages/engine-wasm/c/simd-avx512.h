// Vectors of 16 floats (AVX-512 F, DQ, BW, VL). simd.h says what each function does.
#pragma once
#include <immintrin.h>

#define W 16
typedef __m512 V;
typedef __m512i VI;
typedef __mmask16 M;

INLINE V splat(float x) { return _mm512_set1_ps(x); }
INLINE VI isplat(int x) { return _mm512_set1_epi32(x); }
INLINE V load(const float *p) { return _mm512_loadu_ps(p); }
INLINE void store(float *p, V x) { _mm512_storeu_ps(p, x); }
INLINE M first_lanes(int n) { return n >= W ? 0xffff : (M)((1u << n) - 1); }
INLINE M lane(int i) { return (unsigned)i < W ? (M)(1u << i) : 0; }
INLINE V load_lanes(const float *p, M m) { return _mm512_maskz_loadu_ps(m, p); }
INLINE void store_lanes(float *p, M m, V x) { _mm512_mask_storeu_ps(p, m, x); }
INLINE V square_root(V x) { return _mm512_sqrt_ps(x); }
INLINE V magnitude(V x) { return _mm512_abs_ps(x); }
INLINE V nearest(V x) { return _mm512_roundscale_ps(x, _MM_FROUND_TO_NEAREST_INT | _MM_FROUND_NO_EXC); }
INLINE V to_float(VI x) { return _mm512_cvtepi32_ps(x); }
INLINE M greater(V a, V b) { return _mm512_cmp_ps_mask(a, b, _CMP_GT_OQ); }
INLINE M less(V a, V b) { return _mm512_cmp_ps_mask(a, b, _CMP_LT_OQ); }
INLINE M equal(V a, V b) { return _mm512_cmp_ps_mask(a, b, _CMP_EQ_OQ); }
INLINE M at_most(V a, V b) { return _mm512_cmp_ps_mask(a, b, _CMP_LE_OQ); }
INLINE M nan_lanes(V a) { return _mm512_cmp_ps_mask(a, a, _CMP_UNORD_Q); }
INLINE V pick(M m, V yes, V no) { return _mm512_mask_blend_ps(m, no, yes); }
INLINE VI count_lanes(VI n, M m) { return _mm512_mask_add_epi32(n, m, n, isplat(1)); }
INLINE unsigned lane_bits(M m) { return m; }
INLINE bool any_lane(M m) { return m != 0; }
INLINE float total(V x) { return _mm512_reduce_add_ps(x); }
INLINE VI product_of_even(VI a, VI b) { return _mm512_mul_epu32(a, b); }
INLINE V minimum(V a, V b) { return _mm512_min_ps(b, a); }
INLINE V maximum(V a, V b) { return _mm512_max_ps(b, a); }
INLINE VI dot_bytes(VI sum, VI bytes, VI integers) {
  return _mm512_add_epi32(sum, _mm512_madd_epi16(_mm512_maddubs_epi16(bytes, integers), _mm512_set1_epi16(1)));
}
#define FAST_DOT_TARGET __attribute__((target("avx512vnni")))
#define HAS_FAST_DOT __builtin_cpu_supports("avx512vnni")
#define fast_dot_bytes _mm512_dpbusd_epi32
INLINE VI zip_low(VI a, VI b) { return _mm512_unpacklo_epi32(a, b); }
INLINE VI zip_high(VI a, VI b) { return _mm512_unpackhi_epi32(a, b); }
INLINE VI zip_low_pairs(VI a, VI b) { return _mm512_unpacklo_epi64(a, b); }
INLINE VI zip_high_pairs(VI a, VI b) { return _mm512_unpackhi_epi64(a, b); }

// The matrix unit (AMX), which multiplies 16 × 64 by 64 × 16 bytes in one instruction.
#if defined(__linux__) && (defined(__clang__) ? __clang_major__ >= 12 : __GNUC__ >= 11)
#include <cpuid.h>
#include <sys/syscall.h>
#include <unistd.h>

#define MATRIX_TARGET __attribute__((target("amx-tile,amx-int8")))

/** Whether the processor has the unit and the system lets this process use it, which has to be asked once. */
static bool has_matrix_unit(void) {
  // AMX-TILE and AMX-INT8 in EDX of leaf 7; compilers name the bits differently.
  enum { UNKNOWN, NO, YES, AMX_BITS = 3 << 24, ARCH_REQ_XCOMP_PERM = 0x1023, XFEATURE_XTILEDATA = 18 };
  static int known = UNKNOWN;
  int answer = __atomic_load_n(&known, __ATOMIC_RELAXED);
  if (answer == UNKNOWN) {
    unsigned a, b, c, d;
    const bool in_processor = __get_cpuid_count(7, 0, &a, &b, &c, &d) && (d & AMX_BITS) == AMX_BITS;
    answer = in_processor && syscall(SYS_arch_prctl, ARCH_REQ_XCOMP_PERM, XFEATURE_XTILEDATA) == 0 ? YES : NO;
    __atomic_store_n(&known, answer, __ATOMIC_RELAXED);
  }
  return answer == YES;
}
#define MATRIX_UNIT 1
#endif

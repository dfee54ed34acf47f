// Vectors of 4 floats (NEON of AArch64). simd.h says what each function does. Rows are whole vectors here: a row's
// stride is a multiple of 4 floats, so a partial load may read a whole vector and clear what is behind the row.
#pragma once
#include <arm_neon.h>

#define W 4
typedef float32x4_t V;
typedef int32x4_t VI;
typedef uint32x4_t M;

INLINE V splat(float x) { return vdupq_n_f32(x); }
INLINE VI isplat(int x) { return vdupq_n_s32(x); }
INLINE V load(const float *p) { return vld1q_f32(p); }
INLINE void store(float *p, V x) { vst1q_f32(p, x); }
INLINE VI lane_numbers(void) { return (VI){0, 1, 2, 3}; }
INLINE M first_lanes(int n) { return vcgtq_s32(isplat(n), lane_numbers()); }
INLINE M lane(int i) { return vceqq_s32(isplat(i), lane_numbers()); }
INLINE V pick(M m, V yes, V no) { return vbslq_f32(m, yes, no); }
INLINE V load_lanes(const float *p, M m) { return (V)vandq_u32((M)load(p), m); }
INLINE void store_lanes(float *p, M m, V x) { store(p, vminvq_u32(m) ? x : pick(m, x, load(p))); }
INLINE V square_root(V x) { return vsqrtq_f32(x); }
INLINE V magnitude(V x) { return vabsq_f32(x); }
INLINE V nearest(V x) { return vrndnq_f32(x); }
INLINE V to_float(VI x) { return vcvtq_f32_s32(x); }
INLINE M greater(V a, V b) { return vcgtq_f32(a, b); }
INLINE M less(V a, V b) { return vcltq_f32(a, b); }
INLINE M equal(V a, V b) { return vceqq_f32(a, b); }
INLINE M at_most(V a, V b) { return vcleq_f32(a, b); }
INLINE M nan_lanes(V a) { return vmvnq_u32(vceqq_f32(a, a)); }
INLINE VI count_lanes(VI n, M m) { return vsubq_s32(n, (VI)m); }
INLINE unsigned lane_bits(M m) { return vaddvq_u32(vandq_u32(m, (M){1, 2, 4, 8})); }
INLINE bool any_lane(M m) { return vmaxvq_u32(m) != 0; }
INLINE float total(V x) { return vaddvq_f32(x); }
INLINE VI product_of_even(VI a, VI b) {
  return (VI)vmull_u32(vmovn_u64((uint64x2_t)a), vmovn_u64((uint64x2_t)b));
}
INLINE V minimum(V a, V b) { return pick(less(b, a), b, a); }
INLINE V maximum(V a, V b) { return pick(less(a, b), b, a); }
INLINE VI dot_bytes(VI sum, VI bytes, VI integers) {
  const int8x16_t x = (int8x16_t)bytes, y = (int8x16_t)integers;
  const int16x8_t low = vmull_s8(vget_low_s8(x), vget_low_s8(y)), high = vmull_high_s8(x, y);
  return vaddq_s32(sum, vpaddq_s32(vpaddlq_s16(low), vpaddlq_s16(high)));
}
#if defined(__linux__) && !defined(__clang__)
#include <sys/auxv.h>
#define FAST_DOT_TARGET __attribute__((target("arch=armv8.2-a+dotprod")))
#define HAS_FAST_DOT ((getauxval(AT_HWCAP) >> 20) & 1)
#define fast_dot_bytes(sum, bytes, integers) vdotq_s32(sum, (int8x16_t)(bytes), (int8x16_t)(integers))
#endif
INLINE VI zip_low(VI a, VI b) { return vzip1q_s32(a, b); }
INLINE VI zip_high(VI a, VI b) { return vzip2q_s32(a, b); }
INLINE VI zip_low_pairs(VI a, VI b) { return (VI)vzip1q_s64((int64x2_t)a, (int64x2_t)b); }
INLINE VI zip_high_pairs(VI a, VI b) { return (VI)vzip2q_s64((int64x2_t)a, (int64x2_t)b); }

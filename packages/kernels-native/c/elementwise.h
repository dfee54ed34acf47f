// Element-wise ops, reductions and copies: engine-wasm's assembly/elementwise.ts and reductions.ts have the plain form.
#pragma once
#include "vector-math.h"

/** out = f for n floats, where `f` is an expression in the vector v; the last vector by lanes. */
#define MAP(f)                                                                                                        \
  do {                                                                                                                \
    ptrdiff_t i = 0;                                                                                                  \
    for (; i + W <= n; i += W) {                                                                                      \
      const V v = load(in + i);                                                                                       \
      store(out + i, f);                                                                                              \
    }                                                                                                                 \
    if (i < n) {                                                                                                      \
      const M m = first_lanes((int)(n - i));                                                                          \
      const V v = load_lanes(in + i, m);                                                                              \
      store_lanes(out + i, m, f);                                                                                     \
    }                                                                                                                 \
  } while (0)

KERNEL(UNARY) {
  const ptrdiff_t from = x.stride * x.from / 4, n = (x.stride * x.to / 4 - from + 3) & ~3L;
  const float *in = (const float *)x.x + from;
  float *out = (float *)x.out + from;
  const V zero = splat(0), one = splat(1);
  switch (x.op) {
    case UNARY_SIGMOID: MAP(vsigmoid(v)); break;
    case UNARY_TANH: MAP(vtanh(v)); break;
    case UNARY_STEP: MAP(pick(greater(v, zero), one, zero)); break;
    // A NaN stays.
    case UNARY_RELU: MAP(pick(less(v, zero), zero, v)); break;
    case UNARY_LEAKY_RELU: MAP(pick(greater(v, zero), v, v * x.p)); break;
    case UNARY_ELU: MAP(velu(v, splat(x.p))); break;
    case UNARY_EXP: MAP(vexp(v)); break;
    case UNARY_LOG: MAP(vlog(v)); break;
    case UNARY_SQRT: MAP(square_root(v)); break;
    case UNARY_AFFINE: MAP(v * x.p + x.q); break;
    default: memmove(out, in, (size_t)n * 4);
  }
}

/** out = f for n floats, where `f` is an expression in the vectors p and q; an operand with `one` set is a single float. */
#define MAP_PAIRS(f)                                                                                                  \
  do {                                                                                                                \
    const V all_a = one_a ? splat(*a) : splat(0), all_b = one_b ? splat(*b) : splat(0);                               \
    ptrdiff_t i = 0;                                                                                                  \
    for (; i + W <= n; i += W) {                                                                                      \
      const V p = one_a ? all_a : load(a + i), q = one_b ? all_b : load(b + i);                                       \
      store(out + i, f);                                                                                              \
    }                                                                                                                 \
    if (i < n) {                                                                                                      \
      const M m = first_lanes((int)(n - i));                                                                          \
      const V p = one_a ? all_a : load_lanes(a + i, m), q = one_b ? all_b : load_lanes(b + i, m);                     \
      store_lanes(out + i, m, f);                                                                                     \
    }                                                                                                                 \
  } while (0)

INLINE void binary_run(int op, const float *a, bool one_a, const float *b, bool one_b, float *out, ptrdiff_t n) {
  switch (op) {
    case BINARY_ADD: MAP_PAIRS(p + q); break;
    case BINARY_SUBTRACT: MAP_PAIRS(p - q); break;
    case BINARY_MULTIPLY: MAP_PAIRS(p * q); break;
    default: MAP_PAIRS(p / q);
  }
}

KERNEL(BINARY) {
  for (int r = x.from; r < x.to; r++)
    binary_run(x.op, CONST_STEP(x.a, x.strideA * r), x.oneA, CONST_STEP(x.b, x.strideB * r), x.oneB,
               STEP(x.out, x.strideOut * r), (ptrdiff_t)x.vectors * 4);
}

KERNEL(BINARY_RUN) {
  const ptrdiff_t from = x.stride * x.from / 4, n = (x.stride * x.to / 4 - from + 3) & ~3L;
  const float *a = x.a, *b = x.b;
  binary_run(x.op, a + (x.oneA ? 0 : from), x.oneA, b + (x.oneB ? 0 : from), x.oneB, (float *)x.out + from, n);
}

KERNEL(SUM_ROWS) {
  EACH_VECTOR(x.vectors * 4) {
    V sum = splat(0);
    const float *p = (const float *)x.x + o;
    for (int r = 0; r < x.rows; r++, p = CONST_STEP(p, x.stride)) sum += load_lanes(p, m);
    store_lanes((float *)x.out + o, m, sum);
  }
}

KERNEL(SUM_COLS) {
  float *out = x.out;
  for (int r = x.from; r < x.to; r++) {
    const float *p = CONST_STEP(x.x, x.stride * r);
    V sum = splat(0);
    for (int j = 0; j < x.cols; j += W) sum += load_lanes(p + j, first_lanes(x.cols - j));
    out[r] = total(sum);
  }
}

KERNEL(GATHER_ROWS) {
  const int32_t *indices = x.indices;
  for (int i = x.from; i < x.to; i++) {
    if (i + AHEAD < x.to && indices[i + AHEAD] >= 0) fetch((const char *)x.table + x.stride * indices[i + AHEAD], x.bytes);
    char *out = (char *)x.out + x.strideOut * i;
    if (indices[i] < 0) memset(out, 0, (size_t)x.bytes);
    else memcpy(out, (const char *)x.table + x.stride * indices[i], (size_t)x.bytes);
  }
}

// Element-wise ops, and sums and maxima of rows and columns.
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

/** out = f(x) for rows of `stride` bytes without gaps, split by rows. `out` may be `x`. p, q: constants of the function. */
KERNEL(UNARY) {
  const Run run = run_of(x.stride, x.from, x.to);
  const ptrdiff_t n = (ptrdiff_t)run.floats;
  const float *in = (const float *)x.x + run.from;
  float *out = (float *)x.out + run.from;
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

/** a op b; an operand with `one` set is a single float. */
INLINE void binary_row(int op, const float *a, bool one_a, const float *b, bool one_b, float *out, ptrdiff_t n) {
  const V all_a = one_a ? splat(*a) : splat(0), all_b = one_b ? splat(*b) : splat(0);
  for (ptrdiff_t i = 0; i < n; i += W) {
    const bool whole = W == 4 || i + W <= n;
    const M m = whole ? first_lanes(W) : first_lanes((int)(n - i));
    const V p = one_a ? all_a : whole ? load(a + i) : load_lanes(a + i, m);
    const V q = one_b ? all_b : whole ? load(b + i) : load_lanes(b + i, m);
    const V result = op == BINARY_ADD ? p + q : op == BINARY_SUBTRACT ? p - q : op == BINARY_MULTIPLY ? p * q : p / q;
    if (whole) store(out + i, result);
    else store_lanes(out + i, m, result);
  }
}

// The op and the kinds of operands are constants inside the loops.
INLINE void binary_rows(BINARY_Arguments x, int op, bool one_a, bool one_b) {
  for (int r = x.from; r < x.to; r++)
    binary_row(op, CONST_STEP(x.a, x.strideA * r), one_a, CONST_STEP(x.b, x.strideB * r), one_b,
               STEP(x.out, x.strideOut * r), (ptrdiff_t)x.vectors * 4);
}
INLINE void binary_op(BINARY_Arguments x, int op) {
  if (x.oneA) binary_rows(x, op, true, x.oneB);
  else if (x.oneB) binary_rows(x, op, false, true);
  else binary_rows(x, op, false, false);
}
static void binary(BINARY_Arguments x) {
  switch (x.op) {
    case BINARY_ADD: binary_op(x, BINARY_ADD); break;
    case BINARY_SUBTRACT: binary_op(x, BINARY_SUBTRACT); break;
    case BINARY_MULTIPLY: binary_op(x, BINARY_MULTIPLY); break;
    default: binary_op(x, BINARY_DIVIDE);
  }
}

/**
 * out[r][c] = a op b, split by rows. Row strides in bytes (0 repeats a row). An operand with `one` set has a single float per
 * row. `out` may be `a` or `b`.
 */
KERNEL(BINARY) { binary(x); }

/** The same for rows of `stride` bytes without gaps. An operand may be a single float (`one`). */
KERNEL(BINARY_RUN) {
  const Run run = run_of(x.stride, x.from, x.to);
  binary((BINARY_Arguments){.op = x.op, .a = (const float *)x.a + (x.oneA ? 0 : run.from), .oneA = x.oneA,
                            .b = (const float *)x.b + (x.oneB ? 0 : run.from), .oneB = x.oneB,
                            .out = (float *)x.out + run.from, .to = 1, .vectors = (int)(run.floats / 4)});
}

/** out[c] = Σ_r x[r][c]. Strides in bytes. */
KERNEL(SUM_ROWS) {
  EACH_VECTOR(x.vectors * 4) {
    V sum = splat(0);
    const float *p = (const float *)x.x + o;
    for (int r = 0; r < x.rows; r++, p = CONST_STEP(p, x.stride)) sum += load_lanes(p, m);
    store_lanes((float *)x.out + o, m, sum);
  }
}

/** out[r] = Σ_c x[r][c], split by rows. */
KERNEL(SUM_COLS) {
  float *out = x.out;
  for (int r = x.from; r < x.to; r++) {
    const float *p = CONST_STEP(x.x, x.stride * r);
    V sum = splat(0);
    int j = 0;
    for (; j + W <= x.cols; j += W) sum += load(p + j);
    if (j < x.cols) sum += load_lanes(p + j, first_lanes(x.cols - j));
    out[r] = total(sum);
  }
}

/** The greater of each lane, or NaN. */
INLINE V greatest_or_nan(V a, V b) { return pick(nan_lanes(b), b, maximum(a, b)); }

/** out[c] = max_r x[r][c]. */
KERNEL(MAX_ROWS) {
  EACH_VECTOR(x.vectors * 4) {
    V most = splat(-INFINITY);
    const float *p = (const float *)x.x + o;
    for (int r = 0; r < x.rows; r++, p = CONST_STEP(p, x.stride)) most = greatest_or_nan(most, load_lanes(p, m));
    store_lanes((float *)x.out + o, m, most);
  }
}

/** out[r] = max_c x[r][c], split by rows. */
KERNEL(MAX_COLS) {
  float *out = x.out;
  for (int r = x.from; r < x.to; r++) {
    const float *p = CONST_STEP(x.x, x.stride * r);
    float most = -INFINITY;
    for (int j = 0; j < x.cols; j++) most = p[j] > most || p[j] != p[j] ? p[j] : most;
    out[r] = most;
  }
}

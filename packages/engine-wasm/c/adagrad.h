// Adagrad with momentum.
#pragma once
#include "simd.h"

typedef struct {
  float rate, momentum, epsilon;
} Rates;

/** One vector: acc += g², step = μ·mom − η·g / √(acc + ε), mom = step, θ += step; no mom: step without it. */
#define DESCEND(LOAD, STORE)                                                                                          \
  {                                                                                                                   \
    const V g = LOAD(gradient + i), sum = LOAD(acc + i) + g * g;                                                      \
    STORE(acc + i, sum);                                                                                              \
    V step = (-rates.rate * g) / square_root(sum + rates.epsilon);                                                    \
    if (mom) {                                                                                                        \
      step = rates.momentum * LOAD(mom + i) + step;                                                                   \
      STORE(mom + i, step);                                                                                           \
    }                                                                                                                 \
    STORE(value + i, LOAD(value + i) + step);                                                                         \
  }
#define LOAD_TAIL(p) load_lanes(p, tail)
#define STORE_TAIL(p, x) store_lanes(p, tail, x)

/** Updates n floats; mom may be null. */
INLINE void descend(float *value, float *acc, float *mom, const float *gradient, ptrdiff_t n, Rates rates) {
  ptrdiff_t i = 0;
  // Written twice, so that the loop does not ask for mom.
  if (mom) {
    for (; i + W <= n; i += W) DESCEND(load, store)
  } else {
    for (; i + W <= n; i += W) DESCEND(load, store)
  }
  if (i < n) {
    const M tail = first_lanes((int)(n - i));
    DESCEND(LOAD_TAIL, STORE_TAIL)
  }
}

/** The same for rows of `stride` bytes without gaps, split by rows. */
KERNEL(ADAGRAD) {
  const Run run = run_of(x.stride, x.from, x.to);
  float *value = x.value, *acc = x.acc, *mom = x.mom;
  const float *gradient = x.gradient;
  descend(value + run.from, acc + run.from, mom ? mom + run.from : NULL, gradient + run.from, run.floats,
          (Rates){x.rate, x.momentum, x.epsilon});
}

/** One element, naively; mom may be null. */
INLINE void descend_naive(float *value, float *acc, float *mom, float gradient, Rates rates) {
  *acc += gradient * gradient;
  float step = -rates.rate * gradient / sqrtf(*acc + rates.epsilon);
  if (mom) *mom = step += rates.momentum * *mom;
  *value += step;
}

NAIVE_FORM(ADAGRAD) {
  const Run run = run_of(x.stride, x.from, x.to);
  float *value = x.value, *acc = x.acc, *mom = x.mom;
  for (size_t i = run.from; i < run.from + run.floats; i++)
    descend_naive(&value[i], &acc[i], mom ? &mom[i] : NULL, ((const float *)x.gradient)[i],
                  (Rates){x.rate, x.momentum, x.epsilon});
}

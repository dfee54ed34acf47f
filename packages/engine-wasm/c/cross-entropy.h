// Weighted softmax cross-entropy (region `cross-entropy`) in two halves, each split by columns n. With s = scores − correction,
// Z_b = Σ_n w_n e^(s_bn), a = 1 − εN/(N − 1), c = ε/(N − 1), N = Σ w:
// L_b = −a·(s_bb − ln Z_b) − c·Σ_n w_n (s_bn − ln Z_b), dL_b/ds_n = w_n e^(s_bn) / Z_b − a·[n = b] − c·w_n.
// scores and gradient [n][slots], weight [n], correction [n], live [slots].
#pragma once
#include "vector-math.h"

/** Rows of `stride` bytes that a share keeps: its maximum M, then Σ w e^(s − M), Σ w·s, Σ w, and two factors of the gradient. */
enum { CE_TOTAL = 1, CE_SUM, CE_COUNT, CE_SCALE, CE_MEAN, CE_ROWS };

SHARE_BYTES(CROSS_ENTROPY_EXPONENTIALS) { return (ptrdiff_t)given[0] * CE_ROWS; }

INLINE float *ce_part(void *parts, size_t stride, int share) {
  return STEP(parts, SHARE_OF(CROSS_ENTROPY_EXPONENTIALS, (int32_t)stride) * share);
}

/** Scores [n][slots] with their weights and corrections, and where exponentials go. */
typedef struct {
  const float *scores;
  float *gradient;
  size_t stride;
  const float *weight, *correction;
  int floats;
} ScoreRows;

// Four rows at a time: as streams that the processor prefetches, and because V8 makes the constants of an exponential again in
// each round of a loop (3.6 ns per vector, and 2.4 with four). Sums stay in the first-level cache.

/** Raises maxima to the scores of n ≤ 4 rows from i on. Rows of weight 0 do not count. */
INLINE void add_maxima(ScoreRows x, int i, int n, float *maxima) {
  V down[4];
  UNROLL for (int r = 0; r < n; r++) down[r] = splat(x.weight[i + r] > 0 ? x.correction[i + r] : INFINITY);
  EACH_VECTOR(x.floats) {
    V s[4];
    UNROLL for (int r = 0; r < n; r++) s[r] = load_lanes(CONST_STEP(x.scores, x.stride * (i + r)) + o, m) - down[r];
    if (n == 4) s[0] = maximum(maximum(s[0], s[1]), maximum(s[2], s[3]));
    store_lanes(maxima + o, m, maximum(load_lanes(maxima + o, m), s[0]));
  }
}

/** gradient = w·e^(s − M) for n ≤ 4 rows from i on, added to `totals`. */
INLINE void add_exponentials(ScoreRows x, int i, int n, const float *maxima, float *totals) {
  EACH_VECTOR(x.floats) {
    const V best = load_lanes(maxima + o, m);
    V e[4];
    // Weights and corrections are read again for each vector: they would take the registers of the constants.
    const float *weight = x.weight + i, *correction = x.correction + i;
    UNROLL for (int r = 0; r < n; r++) {
      const V s = load_lanes(CONST_STEP(x.scores, x.stride * (i + r)) + o, m);
      e[r] = weight[r] * vexp_share(s - correction[r] - best);
      store_lanes(STEP(x.gradient, x.stride * (i + r)) + o, m, e[r]);
    }
    if (n == 4) e[0] = (e[0] + e[1]) + (e[2] + e[3]);
    store_lanes(totals + o, m, load_lanes(totals + o, m) + e[0]);
  }
}

/**
 * First half: gradient = w·e^(s − M) with the maximum M of the share, and the sums of the share. `gradient` may be `scores`.
 * targets [slots] get s_bb.
 */
KERNEL(CROSS_ENTROPY_EXPONENTIALS) {
  const size_t stride = x.stride;
  const int from = x.from, to = x.to, floats = padded(x.slots);
  const float *weight = x.weight, *correction = x.correction;
  float *targets = x.targets, *part = ce_part(x.parts, stride, share);
  float count = 0;
  for (int i = from; i < to; i++) count += weight[i];
  *STEP(part, stride * CE_COUNT) = count;
  for (int b = from; b < smaller(to, x.slots); b++) targets[b] = *CONST_STEP(x.scores, (stride + 4) * b) - correction[b];
  EACH_VECTOR(floats) {
    store_lanes(part + o, m, splat(-3e38f));
    store_lanes(STEP(part, stride * CE_TOTAL) + o, m, splat(0));
    store_lanes(STEP(part, stride * CE_SUM) + o, m, splat(0));
  }
  // Σ w·s first, because the exponentials may overwrite the scores.
  for (int i = from; x.withSum && i < to; i++)
    EACH_VECTOR(floats) {
      float *sum = STEP(part, stride * CE_SUM) + o;
      store_lanes(sum, m, load_lanes(sum, m) + weight[i] * (load_lanes(CONST_STEP(x.scores, stride * i) + o, m) - correction[i]));
    }
  const ScoreRows rows = {x.scores, x.gradient, stride, weight, correction, floats};
  int i = from;
  for (; i + 4 <= to; i += 4) add_maxima(rows, i, 4, part);
  for (; i < to; i++) add_maxima(rows, i, 1, part);
  for (i = from; i + 4 <= to; i += 4) add_exponentials(rows, i, 4, part, STEP(part, stride * CE_TOTAL));
  for (; i < to; i++) add_exponentials(rows, i, 1, part, STEP(part, stride * CE_TOTAL));
}

/** Second half: perSlot[b] = live_b · L_b / batchSize, and its gradient in place, with the sums of all shares. */
KERNEL(CROSS_ENTROPY_GRADIENT) {
  const size_t stride = x.stride;
  const int from = x.from, to = x.to, floats = padded(x.slots);
  const float *weight = x.weight, *live = x.live, *targets = x.targets;
  float *per_slot = x.perSlot, *part = ce_part(x.parts, stride, share);
  const float mean = 1 / x.batchSize;
  float count = 0;
  for (int t = 0; t < shares; t++) count += *STEP(ce_part(x.parts, stride, t), stride * CE_COUNT);
  const float spread = x.smoothing > 0 ? x.smoothing / (count - 1) : 0, own = 1 - spread * count;
  EACH_VECTOR(floats) {
    V best = load_lanes((float *)x.parts + o, m), z = splat(0), sum = z;
    for (int t = 1; t < shares; t++) best = maximum(best, load_lanes(ce_part(x.parts, stride, t) + o, m));
    for (int t = 0; t < shares; t++) {
      const float *p = ce_part(x.parts, stride, t) + o;
      z += load_lanes(CONST_STEP(p, stride * CE_TOTAL), m) * vexp(load_lanes(p, m) - best);
      sum += load_lanes(CONST_STEP(p, stride * CE_SUM), m);
    }
    const V factor = load_lanes(live + o, m) * mean, log_total = vlog(z) + best;
    const V log_target = load_lanes(targets + o, m) - log_total, all = sum - count * log_total;
    if (share == 0) store_lanes(per_slot + o, m, (-own * log_target + -spread * all) * factor);
    store_lanes(STEP(part, stride * CE_SCALE) + o, m, vexp(load_lanes(part + o, m) - best) * (factor / z));
    store_lanes(STEP(part, stride * CE_MEAN) + o, m, factor);
  }
  for (int i = from; i < to; i++) {
    float *g = STEP(x.gradient, stride * i);
    const V even = splat(-spread * weight[i]);
    EACH_VECTOR(floats) {
      V d = load_lanes(g + o, m) * load_lanes(CONST_STEP(part, stride * CE_SCALE) + o, m);
      if (spread != 0) d += even * load_lanes(CONST_STEP(part, stride * CE_MEAN) + o, m);
      store_lanes(g + o, m, d);
    }
  }
  const float *factor = CONST_STEP(part, stride * CE_MEAN);
  for (int b = from; b < smaller(to, x.slots); b++) *STEP(x.gradient, (stride + 4) * b) -= own * factor[b];
}

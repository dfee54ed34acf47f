// Weighted softmax cross-entropy in two halves: engine-wasm's assembly/cross-entropy.ts has the equations.
#pragma once
#include "vector-math.h"

/** Rows of a share: its maximum, then these. */
enum { CE_TOTAL = 1, CE_SUM, CE_COUNT, CE_SCALE, CE_MEAN, CE_ROWS };

SHARE_BYTES(CROSS_ENTROPY_EXPONENTIALS) { return (ptrdiff_t)given[0] * CE_ROWS; }

KERNEL(CROSS_ENTROPY_EXPONENTIALS) {
  const int32_t given[] = {(int32_t)x.stride};
  const ptrdiff_t stride = x.stride;
  const int from = x.from, to = x.to, floats = (x.slots + 3) & ~3;
  const float *weight = x.weight, *correction = x.correction;
  float *targets = x.targets, *part = STEP(x.parts, CROSS_ENTROPY_EXPONENTIALS_share_bytes(given) * share);
  float count = 0;
  for (int i = from; i < to; i++) count += weight[i];
  *STEP(part, stride * CE_COUNT) = count;
  for (int b = from; b < smaller(to, x.slots); b++) targets[b] = *CONST_STEP(x.scores, (stride + 4) * b) - correction[b];
  EACH_VECTOR(floats) {
    V best = splat(-3e38f), sum = splat(0), z0 = splat(0), z1 = z0;
    const float *p = CONST_STEP(x.scores, stride * from) + o;
    for (int i = from; i < to; i++, p = CONST_STEP(p, stride)) {
      const V score = load_lanes(p, m) - correction[i];
      if (weight[i] > 0) best = maximum(best, score);
      if (x.withSum) sum += weight[i] * score;
    }
    store_lanes(part + o, m, best);
    store_lanes(STEP(part, stride * CE_SUM) + o, m, sum);
    p = CONST_STEP(x.scores, stride * from) + o;
    float *g = STEP(x.gradient, stride * from) + o;
    int i = from;
    for (; i + 2 <= to; i += 2, p = CONST_STEP(p, 2 * stride), g = STEP(g, 2 * stride)) {
      const V e0 = weight[i] * vexp(load_lanes(p, m) - correction[i] - best);
      const V e1 = weight[i + 1] * vexp(load_lanes(CONST_STEP(p, stride), m) - correction[i + 1] - best);
      store_lanes(g, m, e0);
      store_lanes(STEP(g, stride), m, e1);
      z0 += e0;
      z1 += e1;
    }
    if (i < to) {
      const V e = weight[i] * vexp(load_lanes(p, m) - correction[i] - best);
      store_lanes(g, m, e);
      z0 += e;
    }
    store_lanes(STEP(part, stride * CE_TOTAL) + o, m, z0 + z1);
  }
}

KERNEL(CROSS_ENTROPY_GRADIENT) {
  const int32_t given[] = {(int32_t)x.stride};
  const ptrdiff_t stride = x.stride, size = CROSS_ENTROPY_EXPONENTIALS_share_bytes(given);
  const int from = x.from, to = x.to, floats = (x.slots + 3) & ~3;
  const float *weight = x.weight, *live = x.live, *targets = x.targets;
  float *per_slot = x.perSlot, *parts = x.parts, *part = STEP(parts, size * share);
  const float mean = 1 / x.batchSize;
  float count = 0;
  for (int t = 0; t < shares; t++) count += *STEP(parts, size * t + stride * CE_COUNT);
  const float spread = x.smoothing > 0 ? x.smoothing / (count - 1) : 0, own = 1 - spread * count;
  EACH_VECTOR(floats) {
    V best = load_lanes(parts + o, m), z = splat(0), sum = z;
    for (int t = 1; t < shares; t++) best = maximum(best, load_lanes(STEP(parts, size * t) + o, m));
    for (int t = 0; t < shares; t++) {
      const float *p = STEP(parts, size * t) + o;
      z += load_lanes(CONST_STEP(p, stride * CE_TOTAL), m) * vexp(load_lanes(p, m) - best);
      sum += load_lanes(CONST_STEP(p, stride * CE_SUM), m);
    }
    const V factor = load_lanes(live + o, m) * mean, log_total = vlog(z) + best;
    const V log_target = load_lanes(targets + o, m) - log_total, all = sum - count * log_total;
    if (share == 0) store_lanes(per_slot + o, m, (-own * log_target + -spread * all) * factor);
    const V scale = vexp(load_lanes(part + o, m) - best) * (factor / z);
    store_lanes(STEP(part, stride * CE_MEAN) + o, m, factor);
    float *g = STEP(x.gradient, stride * from) + o;
    for (int i = from; i < to; i++, g = STEP(g, stride)) {
      V d = load_lanes(g, m) * scale;
      if (spread != 0) d += (-spread * weight[i]) * factor;
      store_lanes(g, m, d);
    }
  }
  const float *factor = CONST_STEP(part, stride * CE_MEAN);
  for (int b = from; b < smaller(to, x.slots); b++) *STEP(x.gradient, (stride + 4) * b) -= own * factor[b];
}

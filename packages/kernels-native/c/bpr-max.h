// BPR-max in three steps: engine-wasm's assembly/bpr-max.ts has the equations.
#pragma once
#include "vector-math.h"

/** Rows of a share: its maximum, four sums, and what the gradient keeps. */
enum { BPR_SUMS = 1, BPR_TOTALS = 5, BPR_ROWS = 11 };

SHARE_BYTES(BPR_MAX_ACTIVATE) { return (ptrdiff_t)given[0] * BPR_ROWS; }

INLINE float *bpr_part(void *parts, ptrdiff_t stride, int share) {
  const int32_t given[] = {(int32_t)stride};
  return STEP(parts, BPR_MAX_ACTIVATE_share_bytes(given) * share);
}

KERNEL(BPR_MAX_ACTIVATE) {
  const ptrdiff_t stride = x.stride;
  const int from = x.from, to = x.to, floats = (x.slots + 3) & ~3;
  const float *weight = x.weight;
  const V alpha = splat(x.alpha);
  float *targets = x.targets, *part = bpr_part(x.parts, stride, share);
  EACH_VECTOR(floats) {
    V best = splat(-3e38f);
    const float *p = CONST_STEP(x.scores, stride * from) + o;
    float *g = STEP(x.gradient, stride * from) + o;
    for (int i = from; i < to; i++, p = CONST_STEP(p, stride), g = STEP(g, stride)) {
      V score = load_lanes(p, m);
      if (x.elu) score = velu(score, alpha);
      store_lanes(g, m, score);
      if (weight[i] > 0) best = maximum(best, i < x.slots ? pick(lane(i - o), best, score) : score);
    }
    store_lanes(part + o, m, best);
  }
  for (int b = from; b < smaller(to, x.slots); b++) targets[b] = *CONST_STEP(x.gradient, (stride + 4) * b);
}

/** e^(best − d) of the target's score d: σ(d − s) is 1 / (1 + e^(s − best) · that). */
INLINE V ratio_to_target(V best, V d) { return minimum(vexp(best - d), splat(1e30f)); }

KERNEL(BPR_MAX_MOMENTS) {
  const ptrdiff_t stride = x.stride;
  const int from = x.from, to = x.to, floats = (x.slots + 3) & ~3;
  const float *weight = x.weight, *targets = x.targets;
  float *part = bpr_part(x.parts, stride, share);
  EACH_VECTOR(floats) {
    const V best = load_lanes(part + o, m), ratio = ratio_to_target(best, load_lanes(targets + o, m));
    V z = splat(0), wins = z, squares = z, slopes = z;
    const float *p = CONST_STEP(x.activation, stride * from) + o;
    for (int i = from; i < to; i++, p = CONST_STEP(p, stride)) {
      const V score = load_lanes(p, m), e = vexp(score - best), win = 1.0f / (1.0f + e * ratio);
      V w = weight[i] * e;
      if (i < x.slots) w = pick(lane(i - o), splat(0), w);
      const V won = w * win;
      z += w;
      wins += won;
      squares += w * (score * score);
      slopes += won * (1.0f - win);
    }
    const V sums[] = {z, wins, squares, slopes};
    for (int q = 0; q < 4; q++) store_lanes(STEP(part, stride * (BPR_SUMS + q)) + o, m, sums[q]);
  }
}

KERNEL(BPR_MAX_GRADIENT) {
  const ptrdiff_t stride = x.stride;
  const int from = x.from, to = x.to, floats = (x.slots + 3) & ~3;
  const float *weight = x.weight, *live = x.live, *targets = x.targets;
  const float mean = 1 / x.batchSize;
  float *per_slot = x.perSlot, *slopes = STEP(bpr_part(x.parts, stride, share), stride * BPR_TOTALS);
  EACH_VECTOR(floats) {
    V best = load_lanes((float *)x.parts + o, m), sums[4] = {splat(0), splat(0), splat(0), splat(0)};
    for (int t = 1; t < shares; t++) best = maximum(best, load_lanes(bpr_part(x.parts, stride, t) + o, m));
    for (int t = 0; t < shares; t++) {
      const float *p = bpr_part(x.parts, stride, t) + o;
      const V down = vexp(load_lanes(p, m) - best);
      for (int q = 0; q < 4; q++) sums[q] += load_lanes(CONST_STEP(p, stride * (BPR_SUMS + q)), m) * down;
    }
    const V factor = load_lanes(live + o, m) * mean, inverse = 1.0f / sums[0];
    const V wins = sums[1] * inverse, squares = sums[2] * inverse, ae = wins + 1e-24f;
    if (share == 0) store_lanes(per_slot + o, m, factor * (x.bpreg * squares - vlog(ae)));
    store_lanes(slopes + o, m, -(factor * ((sums[3] * inverse) / ae)));
    const V ratio = ratio_to_target(best, load_lanes(targets + o, m)), scale = inverse * factor, over = 1.0f / ae;
    float *p = STEP(x.gradient, stride * from) + o;
    for (int i = from; i < to; i++, p = STEP(p, stride)) {
      const V score = load_lanes(p, m), e = vexp(score - best), win = 1.0f / (1.0f + e * ratio);
      const V rank = (wins - win * win) * over, norm = score * (score + 2.0f) - squares;
      V g = ((weight[i] * e) * scale) * (rank + x.bpreg * norm);
      if (x.elu) g = g * pick(greater(score, splat(0)), splat(1), score + x.alpha);
      store_lanes(p, m, g);
    }
  }
  for (int b = from; b < smaller(to, x.slots); b++) {
    const float d = targets[b], slope = x.elu && d <= 0 ? d + x.alpha : 1;
    *STEP(x.gradient, (stride + 4) * b) = slopes[b] * slope;
  }
}

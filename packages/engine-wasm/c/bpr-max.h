// BPR-max with its final activation (elu or linear), value and gradient (region `bpr-max`), in three steps, each split by
// columns n. scores and gradient [n][slots], weight [n], live [slots]. With w the softmax without the own column,
// σ_n = σ(d − s_n), A = Σ wσ, R = Σ ws², C = Σ wσ(1 − σ): L = −ln(A + ε) + bpreg·R,
// dL/ds_n = w_n·((A − σ_n²)/(A + ε) + bpreg·(s_n² − R + 2s_n)), dL/dd = −C/(A + ε).
#pragma once
#include "vector-math.h"

/** Rows of `stride` bytes that a share keeps: its maximum, its sums Σ w, A, R and C, and the slopes of the targets. */
enum { BPR_SUMS = 1, BPR_SLOPES = 5, BPR_ROWS };

SHARE_BYTES(BPR_MAX_ACTIVATE) { return (ptrdiff_t)given[0] * BPR_ROWS; }

INLINE float *bpr_part(void *parts, size_t stride, int share) {
  return STEP(parts, SHARE_OF(BPR_MAX_ACTIVATE, (int32_t)stride) * share);
}

/** First step: gradient = finalAct(scores), the maximum of the share without own columns, targets [slots] = s_bb. */
KERNEL(BPR_MAX_ACTIVATE) {
  const size_t stride = x.stride;
  const int from = x.from, to = x.to, floats = padded(x.slots);
  const float *weight = x.weight;
  const V alpha = splat(x.alpha);
  float *targets = x.targets, *part = bpr_part(x.parts, stride, share);
  EACH_VECTOR(floats) store_lanes(part + o, m, splat(-3e38f));
  EACH_BLOCK(from, to) EACH_VECTOR(floats) {
    const float *scores = (const float *)x.scores + o;
    float *gradient = (float *)x.gradient + o;
    V best = load_lanes(part + o, m);
#define ACTIVATE(I)                                                                                                   \
  {                                                                                                                   \
    V s = load_lanes(CONST_STEP(scores, stride * (I)), m);                                                             \
    if (x.elu) s = velu(s, alpha);                                                                                    \
    store_lanes(STEP(gradient, stride * (I)), m, s);                                                                  \
    if (weight[I] > 0) best = maximum(best, (I) < x.slots ? pick(lane((I) - o), best, s) : s);                         \
  }
    EACH_ROW(ACTIVATE);
    store_lanes(part + o, m, best);
  }
  for (int b = from; b < smaller(to, x.slots); b++) targets[b] = *CONST_STEP(x.gradient, (stride + 4) * b);
}

/** e^(best − d) of the target's score d: σ(d − s) is 1 / (1 + e^(s − best) · that). */
INLINE V ratio_to_target(V best, V d) { return minimum(vexp(best - d), splat(1e30f)); }

/** Second step: the sums of the share, relative to its own maximum. */
KERNEL(BPR_MAX_MOMENTS) {
  const size_t stride = x.stride;
  const int from = x.from, to = x.to, floats = padded(x.slots);
  const float *weight = x.weight, *targets = x.targets;
  float *part = bpr_part(x.parts, stride, share);
  EACH_VECTOR(floats) for (int q = 0; q < 4; q++) store_lanes(STEP(part, stride * (BPR_SUMS + q)) + o, m, splat(0));
  EACH_BLOCK(from, to) EACH_VECTOR(floats) {
    const float *activation = (const float *)x.activation + o;
    const V best = load_lanes(part + o, m), ratio = ratio_to_target(best, load_lanes(targets + o, m));
    V sums[4];
    for (int q = 0; q < 4; q++) sums[q] = load_lanes(STEP(part, stride * (BPR_SUMS + q)) + o, m);
#define ADD_MOMENTS(I)                                                                                                \
  {                                                                                                                   \
    const V s = load_lanes(CONST_STEP(activation, stride * (I)), m), e = vexp(s - best), win = 1.0f / (1.0f + e * ratio); \
    V w = weight[I] * e;                                                                                              \
    if ((I) < x.slots) w = pick(lane((I) - o), splat(0), w);                                                           \
    const V won = w * win;                                                                                            \
    sums[0] += w;                                                                                                     \
    sums[1] += won;                                                                                                   \
    sums[2] += w * (s * s);                                                                                           \
    sums[3] += won * (1.0f - win);                                                                                    \
  }
    EACH_ROW(ADD_MOMENTS);
    for (int q = 0; q < 4; q++) store_lanes(STEP(part, stride * (BPR_SUMS + q)) + o, m, sums[q]);
  }
}

/** Third step: perSlot[b] = live_b · L_b / batchSize from the sums of all shares, and its gradient in place. */
KERNEL(BPR_MAX_GRADIENT) {
  const size_t stride = x.stride;
  const int from = x.from, to = x.to, floats = padded(x.slots);
  const float *weight = x.weight, *live = x.live, *targets = x.targets;
  const float mean = 1 / x.batchSize;
  float *per_slot = x.perSlot, *slopes = STEP(bpr_part(x.parts, stride, share), stride * BPR_SLOPES);
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
    float *gradient = (float *)x.gradient + o;
    const int i0 = from, i1 = to;
#define TURN(I)                                                                                                       \
  {                                                                                                                   \
    float *p = STEP(gradient, stride * (I));                                                                          \
    const V s = load_lanes(p, m), e = vexp(s - best), win = 1.0f / (1.0f + e * ratio);                                 \
    const V rank = (wins - win * win) * over, norm = s * (s + 2.0f) - squares;                                         \
    V g = ((weight[I] * e) * scale) * (rank + x.bpreg * norm);                                                         \
    if (x.elu) g = g * pick(greater(s, splat(0)), splat(1), s + x.alpha);                                              \
    store_lanes(p, m, g);                                                                                             \
  }
    EACH_ROW(TURN);
  }
  for (int b = from; b < smaller(to, x.slots); b++) {
    const float d = targets[b], slope = x.elu && d <= 0 ? d + x.alpha : 1;
    *STEP(x.gradient, (stride + 4) * b) = slopes[b] * slope;
  }
}

// Best rows by the int8 copy of the table, so that few rows are scored in float32.
//
// A score is at most a·(c·(q·p) + X) + bias, where c and p are scale and integers of the hidden state, and X is its norm times the
// block's greatest error, plus its own error times the block's greatest norm (Cauchy–Schwarz).
#pragma once
#include "quantize.h"

/** Vectors of the rows of a block. */
#define PER_BLOCK (BLOCK_ITEMS / W)
/** In units of a row's scale. Covers underflow. */
#define LEAST_BOUND 1e-6f
/** Slots per pass over a block, as many as the registers hold. */
#ifdef __wasm__
#define SLOTS_AT_ONCE 1
#else
#define SLOTS_AT_ONCE (W == 16 ? 8 : 4)
#endif
/** Sums of a row of a single slot. */
#define CHAINS 4
/** The copy is fetched this many blocks ahead. */
#define AHEAD_BLOCKS 8

/** Rows that wait until they are in the cache. */
#define WAITING 16
/** A slot and a row each. */
#define QUEUE_BYTES (WAITING * 8)
/** Rows up to which a list reads as much as a list of 20; others twice as much. */
#define SHORT_LIST 40
/** Rows up to which a list may read groups only: 64 and those that a repeat bias moves. Longer ones would have too few of them. */
#define MOST_PROBED 100
/** Groups that wait until they are in the cache. */
#define VISITS 8

/** What the copies of means add per distance of rows: so many times what a unit of the state gives. */
#define SPREAD 4.0f
/** What rows get for the units that are not read: so many times what they give on average. */
#define REST 4.0f

enum { SCREEN_SCALE, SCREEN_NORM, SCREEN_ERROR, SCREEN_START, SCREEN_ROWS };

/** Bytes from a slot's integers to the next, and slots that have a place for them: whole tiles for the matrix unit. */
INLINE size_t integer_bytes(int inner) { return MATRIX_UNIT ? (inner + 63) & ~63 : (inner + 3) & ~3; }
INLINE size_t places_of(int slots) { return MATRIX_UNIT ? (slots + 15) & ~15 : slots; }

/** Bytes of the states of slots, and of a queue. */
INLINE size_t slots_bytes(int inner, int slots) {
  return (width_of(slots) * SCREEN_ROWS + integer_bytes(inner + 1) * places_of(slots) + QUEUE_BYTES + 63) & ~(size_t)63;
}

/** For rows, for groups, and the lists of groups. */
SHARE_BYTES(SCREEN_TOP) {
  const int inner = given[0], slots = given[1];
  return (slots_bytes(inner, slots) * 2 + lists_bytes(slots, SAMPLED_GROUPS) + 63) & ~(size_t)63;
}

/** Rounds a hidden state to integers, and writes its numbers, `width` bytes apart. */
static void quantize_slot(const float *x, int inner, float slack, float *numbers, size_t width, int8_t *integers) {
  const float most = greatest(x, inner);
  const bool bounded = most <= MOST_BOUNDED;
  float squares = 0, errors = 0;
  int32_t sum = 0;
  const float scale = !bounded ? 0 : most / MOST_OF_SLOT > LEAST_SCALE ? most / MOST_OF_SLOT : LEAST_SCALE;
  memset(integers, 0, (size_t)integer_bytes(inner));
  for (int j = 0; bounded && j < inner; j++) {
    const float exact = x[j] / scale, integer = rintf(exact), error = exact - integer;
    squares += exact * exact;
    errors += error * error;
    sum += (int32_t)integer;
    integers[j] = (int8_t)integer;
  }
  const float norm = bounded ? scale * NORM_SLACK * sqrtf(squares) : INFINITY;
  // 2⁻²⁴ per addition, and a few for the bound itself.
  const float rounding = (float)(inner + 16) * 7.5e-8f + slack;
  *numbers = scale;
  *STEP(numbers, width * SCREEN_NORM) = norm;
  *STEP(numbers, width * SCREEN_ERROR) =
      scale * (NORM_SLACK * sqrtf(errors) + UNIT_SLACK * sqrtf((float)inner)) + rounding * norm;
  *(int32_t *)STEP(numbers, width * SCREEN_START) = -BYTE_ZERO * sum;
}

/** The screening of a share. */
typedef struct Screening {
  SCREEN_TOP_Arguments given;
  /** Units that are read, of those that a block has, and whether rows are scored by them. */
  int units;
  bool of_copy;
  size_t block_bytes, width;
  char *lists;
  const float *numbers;
  const int8_t *integers;
  struct {
    int32_t slot, row;
  } *queue;
  int waiting;
  /** From a block to the next one. */
  int step;
  /** Where rows are screened whose group passes. NULL: what passes is scored. */
  struct Screening *rows;
  /** Of groups: those in every block of means at a multiple of this have been visited. */
  int sampled;
  int visiting;
  struct {
    int32_t slot, block;
  } visits[VISITS];
} Screening;

INLINE const float *row_at(const Screening *x, int row) { return CONST_STEP(x->given.table, x->given.stride * row); }

/** The score of a mean by the bytes of its copy. */
static float score_of_copy(const Screening *x, int slot, int place) {
  const char *word = (const char *)x->given.copy + x->block_bytes * (place / BLOCK_ITEMS) + place % BLOCK_ITEMS * 4;
  const int8_t *integers = x->integers + integer_bytes(x->units) * slot;
  const uint32_t parts[] = {*(const uint32_t *)word & 0xffff0000, *(const uint32_t *)word << 16};
  float numbers[2];
  memcpy(numbers, parts, 8);
  int32_t sum = ((const int32_t *)CONST_STEP(x->numbers, x->width * SCREEN_START))[slot];
  for (int j = 0; j < x->units; j++) sum += (uint8_t)word[64 + j / 4 * 64 + j % 4] * integers[j];
  return numbers[0] * ((float)sum * x->numbers[slot]) + numbers[1];
}

/** Scores the waiting rows, and lists those above the threshold of their slot. */
static NOINLINE void score_waiting(Screening *x) {
  const SCREEN_TOP_Arguments *given = &x->given;
  for (int i = 0; i < x->waiting; i++) touch((const char *)row_at(x, x->queue[i].row), (ptrdiff_t)given->inner * 4);
  for (int i = 0; i < x->waiting; i++) {
    const int slot = x->queue[i].slot, row = x->queue[i].row;
    float *threshold = (float *)x->lists + slot;
    const float *hidden = CONST_STEP(given->hidden, given->ldh * slot);
    const float score = x->of_copy ? score_of_copy(x, slot, row)
                                   : dot(row_at(x, row), hidden, given->inner) + ((const float *)given->bias)[row];
    if (!(score > *threshold)) continue;
    *threshold = insert(list_of(x->lists, x->width, slot, given->k), given->k, score, row);
  }
  x->waiting = 0;
}

static void await_groups(Screening *x, int slot, int block, unsigned bits);

/** Fetches the rows of a block that have a bit, and scores them later. */
static NOINLINE void await_rows(Screening *x, int slot, int block, unsigned bits) {
  if (x->rows) {
    await_groups(x, slot, block, bits);
    return;
  }
  const int32_t *order = x->given.order;
  for (; bits; bits &= bits - 1) {
    const int place = block * BLOCK_ITEMS + __builtin_ctz(bits);
    if (place >= x->given.n) return;
    const int row = order ? order[place] : place;
    if (!is_allowed(x->given.allowed, row)) continue;
    fetch((const char *)row_at(x, row), (ptrdiff_t)x->given.inner * 4);
    prefetch((const float *)x->given.bias + row);
    x->queue[x->waiting].slot = slot;
    x->queue[x->waiting++].row = row;
    if (x->waiting == WAITING) score_waiting(x);
  }
}

/** What the sum of a slot leaves out, at most, in units of a row's scale. */
INLINE float bound_of(const float *norms, const float *numbers, size_t width) {
  return norms[0] * *CONST_STEP(numbers, width * SCREEN_NORM) + norms[1] * *CONST_STEP(numbers, width * SCREEN_ERROR) +
         LEAST_BOUND;
}

/** A bit per lane whose bound is not at most the threshold, which holds for NaN. */
INLINE unsigned lanes_above(const char *words, VI sum, float scale, float bound, float threshold) {
  const VI word = (VI)load((const float *)words);
  const V factor = (V)(word & isplat((int)0xffff0000u)), bias = (V)((VU)word << 16);
  const V most = factor * (to_float(sum) * scale + bound) + bias;
  return ~lane_bits(at_most(most, splat(threshold))) & ((1u << W) - 1);
}

#define SCREENING(name) name##_any
#define SCREENING_DOT dot_bytes
#define SCREENING_TARGET
#include "screen-blocks.h"
#ifdef FAST_DOT_TARGET
#define SCREENING(name) name##_fast
#define SCREENING_DOT fast_dot_bytes
#define SCREENING_TARGET FAST_DOT_TARGET
#include "screen-blocks.h"
#else
#define screen_fast screen_any
#define visit_fast visit_any
#define HAS_FAST_DOT 0
#endif

/** Screens the rows of the groups that wait. x: the screening of their means. */
static void visit_groups(Screening *x) {
  if (HAS_FAST_DOT) visit_fast(x);
  else visit_any(x);
  x->visiting = 0;
}

/** Fetches the groups of a block that have a bit, and screens their rows later. */
static void await_groups(Screening *x, int slot, int block, unsigned bits) {
  const SCREEN_TOP_Arguments *rows = &x->rows->given;
  if (x->sampled && block % x->sampled == 0) return;
  for (; bits; bits &= bits - 1) {
    const int group = __builtin_ctz(bits) * (x->given.n / BLOCK_ITEMS) + block, first = group * GROUP_BLOCKS;
    if (first * BLOCK_ITEMS >= rows->n) return;
    for (int b = first; b < first + GROUP_BLOCKS; b++)
      fetch((const char *)rows->copy + x->rows->block_bytes * b, block_bytes_of(x->rows->units));
    prefetch((const float *)rows->norms + first * 2);
    x->visits[x->visiting].slot = slot;
    x->visits[x->visiting++].block = first;
    if (x->visiting == VISITS) visit_groups(x);
  }
}

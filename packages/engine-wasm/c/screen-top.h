// Lists by screening: of all rows, or of those of the groups whose mean has the best scores (groups.h).
#pragma once
#include "groups.h"
#include "screening.h"
#if MATRIX_UNIT
#include "screening-tiles.h"
#endif

/** Screens blocks from … to − 1, `step` apart. */
static void screen_blocks(Screening *x) {
#if MATRIX_UNIT
  if (x->given.slots >= TILES_FROM && has_tiles(x->units)) {
    screen_tiles(x);
    return;
  }
#endif
  if (HAS_FAST_DOT) screen_fast(x);
  else screen_any(x);
}

/**
 * Quantizes the states of slots in the units that are read. The first unit of a copy gets `times` what the state's units from `from`
 * on give on average, if there are some; then scores are no bounds.
 */
static void read_slots(Screening *x, char *parts, int from, float times) {
  const SCREEN_TOP_Arguments *given = &x->given;
  const int32_t *step = given->step;
  const int inner = given->inner;
  int8_t *integers = (int8_t *)parts + x->width * SCREEN_ROWS;
  x->numbers = (const float *)parts;
  x->integers = integers;
  x->queue = (void *)(parts + slots_bytes(inner, given->slots) - QUEUE_BYTES);
  Point point;
  for (int s = 0; s < given->slots; s++) {
    const float *hidden = CONST_STEP(given->hidden, given->ldh * s);
    const int all = given->axes ? turn(hidden, inner, step[0] ? given->axes : NULL, given->lda, from, point) : inner;
    float *numbers = (float *)parts + s;
    if (from < all) point[0] *= times / sqrtf((float)(all - from));
    quantize_slot(given->axes ? point : hidden, x->units, given->axes ? TURN_SLACK : 0, numbers, x->width,
                  integers + integer_bytes(x->units) * s);
    if (from < all) *STEP(numbers, x->width * SCREEN_NORM) = *STEP(numbers, x->width * SCREEN_ERROR) = 0;
  }
}

/** Visits the best groups of the sample, so that few rows of the others exceed the thresholds. */
static void visit_sampled(Screening *x, int from, int to) {
  for (int s = 0; s < x->given.slots; s++) {
    const float *values = list_of(x->lists, x->width, s, SAMPLED_GROUPS);
    const int32_t *places = (const int32_t *)CONST_STEP(values, list_bytes(SAMPLED_GROUPS));
    for (int i = 0; i < SAMPLED_GROUPS && values[i] > values[SAMPLED_GROUPS - 1]; i++) {
      const int block = places[i] / BLOCK_ITEMS;
      if (block >= from && block < to) await_groups(x, s, block, 1u << places[i] % BLOCK_ITEMS);
    }
  }
}

/**
 * Screens the rows of the groups of a share, as many as SAMPLED_GROUPS · step of all groups per slot: those whose mean scores more
 * than the last of the SAMPLED_GROUPS best among every step-th block of means. Of a row, the first units are read.
 */
static void probe(Screening *rows, char *parts, int step) {
  const SCREEN_TOP_Arguments *given = &rows->given;
  const int units = ((const int32_t *)given->step)[1], blocks = blocks_of(given->n), all = blocks_of(groups_of(given->n));
  rows->units = units;
  read_slots(rows, parts, units, REST);
  Screening groups = *rows;
  SCREEN_TOP_Arguments *of = &groups.given;
  of->stride = 0, of->copy = given->means, of->order = NULL, of->n = all * BLOCK_ITEMS, of->k = SAMPLED_GROUPS;
  of->from = 0, of->to = all;
  groups.of_copy = true, groups.block_bytes = block_bytes_of(units);
  parts += slots_bytes(given->inner, given->slots);
  read_slots(&groups, parts, 1, SPREAD);
  groups.lists = parts + slots_bytes(given->inner, given->slots);
  groups.step = step;
  start_lists(groups.lists, groups.width, given->slots, SAMPLED_GROUPS);
  screen_blocks(&groups);
  score_waiting(&groups);
  of->from = (int)((int64_t)given->from * all / blocks), of->to = (int)((int64_t)given->to * all / blocks);
  groups.step = 1;
  groups.rows = rows;
  visit_sampled(&groups, of->from, of->to);
  groups.sampled = step;
  screen_blocks(&groups);
  visit_groups(&groups);
}

/**
 * Lists the k best rows of table·hiddenᵀ + bias per slot in `lists`, as TOP_SHARES does, split by blocks of the copy. Only rows
 * whose bound exceeds the k-th best score so far are scored in float32, by the dot product of ROW_DOTS. With `step`, only rows of
 * groups with a high mean are, unless only some are `allowed`: then few of those groups might be.
 */
KERNEL(SCREEN_TOP) {
  const size_t width = width_of(x.slots), lists = lists_bytes(x.slots, x.k);
  const int units = x.axes ? x.inner + 1 : x.inner;
  char *parts = (char *)x.parts + SHARE_OF(SCREEN_TOP, x.inner, x.slots) * share;
  Screening screening = {x, units, false, block_bytes_of(units), width, (char *)x.lists + lists * share, .step = 1};
  start_lists(screening.lists, width, x.slots, x.k);
  const int asked = x.axes && !x.allowed && x.k <= MOST_PROBED ? *(const int32_t *)x.step : 0, step = x.k > SHORT_LIST ? 2 * asked : asked;
  if (step > 0) probe(&screening, parts, step);
  else read_slots(&screening, parts, units, 0), screen_blocks(&screening);
  score_waiting(&screening);
}

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
  if (x->given.slots >= TILES_FROM && has_tiles(x->given.inner)) {
    screen_tiles(x);
    return;
  }
#endif
  if (HAS_FAST_DOT) screen_fast(x);
  else screen_any(x);
}

/**
 * Screens the rows of the groups of a share, as many as SAMPLED_GROUPS · step of all groups per slot: those whose mean scores more
 * than the last of the SAMPLED_GROUPS best among every step-th block of means.
 */
static void probe(Screening *rows, char *lists, int step) {
  const SCREEN_TOP_Arguments *given = &rows->given;
  const int blocks = blocks_of(given->n), all = blocks_of(groups_of(given->n));
  Screening groups = *rows;
  SCREEN_TOP_Arguments *of = &groups.given;
  of->table = given->means, of->bias = given->meanBias, of->copy = given->meanCopy, of->norms = given->meanNorms;
  of->order = NULL, of->n = all * BLOCK_ITEMS, of->k = SAMPLED_GROUPS;
  of->from = 0, of->to = all;
  groups.lists = lists;
  groups.step = step;
  start_lists(lists, groups.width, given->slots, SAMPLED_GROUPS);
  screen_blocks(&groups);
  score_waiting(&groups);
  of->from = (int)((int64_t)given->from * all / blocks), of->to = (int)((int64_t)given->to * all / blocks);
  groups.step = 1;
  groups.rows = rows;
  screen_blocks(&groups);
  visit_groups(&groups);
}

/**
 * Lists the k best rows of table·hiddenᵀ + bias per slot in `lists`, as TOP_SHARES does, split by blocks of the copy. Only rows
 * whose bound exceeds the k-th best score so far are scored in float32, by the dot product of ROW_DOTS. With `step`, only rows of
 * groups with a high mean are.
 */
KERNEL(SCREEN_TOP) {
  const int32_t given[] = {x.inner, x.slots, x.k};
  const size_t width = width_of(x.slots), lists = lists_bytes(x.slots, x.k);
  float *numbers = STEP(x.parts, SCREEN_TOP_share_bytes(given) * share);
  int8_t *integers = (int8_t *)STEP(numbers, width * SCREEN_ROWS);
  Screening screening = {x, block_bytes_of(x.inner), width, (char *)x.lists + lists * share, numbers, integers, .step = 1};
  screening.queue = (void *)(integers + integer_bytes(x.inner) * places_of(x.slots));
  start_lists(screening.lists, width, x.slots, x.k);
  for (int s = 0; s < x.slots; s++)
    quantize_slot(CONST_STEP(x.hidden, x.ldh * s), x.inner, numbers + s, width, integers + integer_bytes(x.inner) * s);
  const int given_step = x.step ? *(const int32_t *)x.step : 0, step = x.k > SHORT_LIST ? 2 * given_step : given_step;
  if (step > 0) probe(&screening, (char *)numbers + slots_bytes(x.inner, x.slots), step);
  else screen_blocks(&screening);
  score_waiting(&screening);
}

/** Scores every row, without the int8 copy. */
NAIVE_FORM(SCREEN_TOP) {
  char *lists = (char *)x.lists + lists_bytes(x.slots, x.k) * share;
  start_lists(lists, width_of(x.slots), x.slots, x.k);
  for (int s = 0; s < x.slots; s++) {
    float *values = list_of(lists, width_of(x.slots), s, x.k);
    for (int row = x.from * BLOCK_ITEMS; row < smaller(x.to * BLOCK_ITEMS, x.n); row++) {
      const float dot = dot_naive(CONST_STEP(x.table, x.stride * row), CONST_STEP(x.hidden, x.ldh * s), x.inner);
      insert_naive(values, x.k, dot + ((const float *)x.bias)[row], row);
    }
    ((float *)lists)[s] = values[x.k - 1];
  }
}

// Lists from the groups of rows whose mean has the best scores; see groups.h.
#pragma once
#include "groups.h"

/** Screens the rows of the groups that wait. x: the screening of their means. */
static void visit_groups(Screening *x) {
  if (HAS_FAST_DOT) visit_fast(x);
  else visit_any(x);
  x->visiting = 0;
}

/** Fetches the groups of a block that have a bit, and screens their rows later. */
static void await_groups(Screening *x, int slot, int block, unsigned bits) {
  const SCREEN_TOP_Arguments *rows = &x->rows->given;
  for (; bits; bits &= bits - 1) {
    const int group = __builtin_ctz(bits) * (x->given.n / BLOCK_ITEMS) + block, first = group * GROUP_BLOCKS;
    if (first * BLOCK_ITEMS >= rows->n) return;
    fetch((const char *)rows->copy + x->block_bytes * first, x->block_bytes * GROUP_BLOCKS);
    prefetch((const float *)rows->norms + first * 2);
    x->visits[x->visiting].slot = slot;
    x->visits[x->visiting++].block = first;
    if (x->visiting == VISITS) visit_groups(x);
  }
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

// Screening by the matrix unit: the sums of 16 slots and the 16 rows of a block at once. A block of the copy is a tile as it is.
#pragma once
#include "screening.h"

/** Rows of a tile, and bytes of each. */
#define TILE_ROWS 16
#define TILE_BYTES 64
/** From so many slots on. Fewer are screened as fast without. */
#define TILES_FROM 5
/** Tiles of slots that are held in registers while all blocks pass, and the slots of these. */
#define TILES_AT_ONCE 2
#define SLOTS_IN_TILES (TILE_ROWS * TILES_AT_ONCE)
/** Registers for slots, each of which takes 64 units of 16 slots. */
#define SLOT_TILES 4
/** Covers the rounding of a sum's start, of its magnitude. */
#define START_SLACK 2e-7f

/** Steps of 64 units. */
INLINE int steps_of(int inner) { return (inner + TILE_BYTES - 1) / TILE_BYTES; }
INLINE bool has_tiles(int inner) { return steps_of(inner) <= SLOT_TILES && has_matrix_unit(); }

typedef struct {
  _Alignas(64) int32_t of[TILES_AT_ONCE][TILE_ROWS][TILE_ROWS];
} TileSums;

/** The shapes of the tiles; its layout is the processor's. */
typedef struct {
  uint8_t palette, start, reserved[14];
  uint16_t bytes[16];
  uint8_t rows[16];
} TileShapes;

/**
 * Registers 0 and 1: sums. 2: 64 units of a block; 3: the units of the last step. From 4 on: integers of slots, all steps of
 * the first tile and then those of the second.
 */
static TileShapes shapes_of(int inner, int steps) {
  TileShapes shapes = {.palette = 1};
  const int rest = (((inner - 1) & (TILE_BYTES - 1)) + 4) & ~3;
  for (int i = 0; i < 4 + SLOT_TILES; i++) {
    const bool is_last = i >= 4 && (i - 4) % steps == steps - 1;
    shapes.bytes[i] = (uint16_t)(is_last ? rest : TILE_BYTES);
    shapes.rows[i] = (uint8_t)(i == 3 ? rest / 4 : TILE_ROWS);
  }
  return shapes;
}

/** What a bound of each slot is made of. Behind the last slot of a tile, all are 0. */
typedef struct {
  _Alignas(64) float scales[SLOTS_IN_TILES], norms[SLOTS_IN_TILES], errors[SLOTS_IN_TILES], starts[SLOTS_IN_TILES];
} TileNumbers;

static void read_numbers(const Screening *x, int slot, int tiles, TileNumbers *to) {
  for (int o = 0; o < tiles * TILE_ROWS; o += W) {
    const float *numbers = x->numbers + slot + o;
    const M m = first_lanes(x->given.slots - slot - o);
    const V scale = load_lanes(numbers, m);
    const V start = to_float((VI)load_lanes(CONST_STEP(numbers, x->width * SCREEN_START), m)) * scale;
    store(to->scales + o, scale);
    store(to->norms + o, load_lanes(CONST_STEP(numbers, x->width * SCREEN_NORM), m));
    store(to->errors + o, load_lanes(CONST_STEP(numbers, x->width * SCREEN_ERROR), m));
    store(to->starts + o, start + magnitude(start) * START_SLACK + LEAST_BOUND);
  }
}

/** Awaits the rows of a block whose bound exceeds the threshold of one of a few slots. */
static NOINLINE void screen_few(Screening *x, int block, int slot, int slots, const int32_t sums[][TILE_ROWS]) {
  const float *numbers = x->numbers + slot, *norms = (const float *)x->given.norms + block * 2;
  const char *words = (const char *)x->given.copy + x->block_bytes * block;
  for (int s = 0; s < slots && slot + s < x->given.slots; s++) {
    const int start = ((const int32_t *)CONST_STEP(numbers, x->width * SCREEN_START))[s];
    const VI sum = (VI)load((const float *)sums[s]) + isplat(start);
    const float bound = bound_of(norms, numbers + s, x->width), threshold = ((const float *)x->lists)[slot + s];
    const unsigned bits = lanes_above(words, sum, numbers[s], bound, threshold);
    if (bits) await_rows(x, slot + s, block, bits);
  }
}

/** Slots that are tested together. */
#define SLOTS_TOGETHER 4

/** Awaits the rows of a block whose bound exceeds the threshold of one of 16 slots, the first of which is `slot`. */
INLINE void screen_tile(Screening *x, int block, int slot, const TileNumbers *own, int o, const TileSums *tiles) {
  const int32_t(*sums)[TILE_ROWS] = tiles->of[o / TILE_ROWS];
  const float *norms = (const float *)x->given.norms + block * 2;
  const M m = first_lanes(x->given.slots - slot);
  float bounds[W], thresholds[W];
  store(bounds, norms[0] * load(own->norms + o) + norms[1] * load(own->errors + o) + load(own->starts + o));
  store(thresholds, pick(m, load_lanes((const float *)x->lists + slot, m), splat(INFINITY)));
  // Broadcast from memory, which is cheaper than from the registers.
  __asm__ volatile("" : : "r"(bounds), "r"(thresholds) : "memory");
  const VI words = (VI)load((const float *)((const char *)x->given.copy + x->block_bytes * block));
  const V factor = (V)(words & isplat((int)0xffff0000u)), bias = (V)((VU)words << 16);
  UNROLL for (int s = 0; s < TILE_ROWS; s += SLOTS_TOGETHER) {
    M below = first_lanes(W);
    UNROLL for (int i = s; i < s + SLOTS_TOGETHER; i++) {
      const V most = factor * (to_float((VI)load((const float *)sums[i])) * own->scales[o + i] + bounds[i]) + bias;
      below = _mm512_mask_cmp_ps_mask(below, most, splat(thresholds[i]), _CMP_LE_OQ);
    }
    if (below != first_lanes(W)) screen_few(x, block, slot + s, SLOTS_TOGETHER, sums + s);
  }
}

/** Loads the integers of one or two tiles of slots: those of tile t and step s into register 4 + t · steps + s. */
MATRIX_TARGET INLINE void load_slots(const int8_t *integers, int steps, int tiles) {
  const size_t stride = (size_t)steps * TILE_BYTES;
  const int8_t *second = integers + stride * TILE_ROWS;
  _tile_loadd(4, integers, stride);
  if (steps > 1) _tile_loadd(5, integers + TILE_BYTES, stride);
  if (steps > 2) _tile_loadd(6, integers + TILE_BYTES * 2, stride);
  if (steps > 3) _tile_loadd(7, integers + TILE_BYTES * 3, stride);
  if (tiles > 1 && steps == 1) _tile_loadd(5, second, stride);
  if (tiles > 1 && steps == 2) _tile_loadd(6, second, stride);
  if (tiles > 1 && steps == 2) _tile_loadd(7, second + TILE_BYTES, stride);
}

/** Sums the products of a block's bytes and the loaded slots, in registers 0 and 1. */
MATRIX_TARGET INLINE void multiply_block(const char *bytes, int steps, int tiles) {
  enum { STEP_BYTES = TILE_ROWS * TILE_BYTES };
  _tile_zero(0);
  _tile_zero(1);
  _tile_loadd(3, bytes + (steps - 1) * STEP_BYTES, TILE_BYTES);
  if (steps == 1) {
    _tile_dpbsud(0, 4, 3);
    if (tiles > 1) _tile_dpbsud(1, 5, 3);
    return;
  }
  _tile_loadd(2, bytes, TILE_BYTES);
  _tile_dpbsud(0, 4, 2);
  if (steps == 2) {
    _tile_dpbsud(0, 5, 3);
    if (tiles > 1) _tile_dpbsud(1, 6, 2);
    if (tiles > 1) _tile_dpbsud(1, 7, 3);
    return;
  }
  _tile_loadd(2, bytes + STEP_BYTES, TILE_BYTES);
  _tile_dpbsud(0, 5, 2);
  if (steps == 3) {
    _tile_dpbsud(0, 6, 3);
    return;
  }
  _tile_loadd(2, bytes + STEP_BYTES * 2, TILE_BYTES);
  _tile_dpbsud(0, 6, 2);
  _tile_dpbsud(0, 7, 3);
}

/** Screens all blocks for the slots of one or two tiles from `slot` on. */
MATRIX_TARGET static void screen_slots(Screening *x, int slot, int tiles) {
  const int steps = steps_of(x->units), from = x->given.from, step = x->step;
  const int to = from + (x->given.to - from + step - 1) / step * step;
  const char *at = (const char *)x->given.copy + x->block_bytes * from;
  const TileShapes shapes = shapes_of(x->units, steps);
  TileNumbers numbers;
  TileSums sums[2];
  read_numbers(x, slot, tiles, &numbers);
  _tile_loadconfig(&shapes);
  load_slots(x->integers + integer_bytes(x->units) * slot, steps, tiles);
  // A sum takes longer than a test. So the sums of a block are tested while those of the next two are on their way.
  for (int block = from, i = 0; block < to + 2 * step; block += step, i ^= 1) {
    if (block < to) {
      multiply_block(at + 64, steps, tiles);
      at += x->block_bytes * step;
      fetch(at + x->block_bytes * AHEAD_BLOCKS * step, x->block_bytes);
    }
    for (int o = 0; block >= from + 2 * step && o < tiles * TILE_ROWS; o += TILE_ROWS)
      screen_tile(x, block - 2 * step, slot + o, &numbers, o, &sums[i]);
    if (block < to) {
      _tile_stored(0, sums[i].of[0], TILE_BYTES);
      if (tiles > 1) _tile_stored(1, sums[i].of[1], TILE_BYTES);
    }
  }
  _tile_release();
}

/** As screen_any. */
static void screen_tiles(Screening *x) {
  const int most = smaller(SLOT_TILES / steps_of(x->units), TILES_AT_ONCE);
  for (int slot = 0; slot < x->given.slots; slot += TILE_ROWS * most)
    screen_slots(x, slot, smaller((x->given.slots - slot + TILE_ROWS - 1) / TILE_ROWS, most));
}

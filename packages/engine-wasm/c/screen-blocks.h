// Screening with one dot product of bytes. Included once per dot product, without #pragma once: SCREENING(name) is the name of a
// function, SCREENING_DOT the product, SCREENING_TARGET the attribute of the instructions that it needs.

/** Screens a block for `slots` slots from `slot` on; their number, and whether blocks are fetched ahead, are constants. */
SCREENING_TARGET INLINE void SCREENING(screen_block)(Screening *x, int block, int slot, int slots, bool ahead) {
  const size_t bytes = block_bytes_of(x->units), each = integer_bytes(x->units);
  const char *at = (const char *)x->given.copy + x->block_bytes * block;
  const int8_t *p = x->integers + each * slot;
  const float *numbers = x->numbers + slot, *norms = (const float *)x->given.norms + block * 2;
  VI sum[SLOTS_AT_ONCE][PER_BLOCK];
  UNROLL for (int s = 0; s < slots; s++) {
    const VI start = isplat(((const int32_t *)CONST_STEP(numbers, x->width * SCREEN_START))[s]);
    UNROLL for (int v = 0; v < PER_BLOCK; v++) sum[s][v] = start;
  }
  size_t o = 64;
  if (slots == 1 && HAS_DOT_TWICE)
    for (; o + 64 < bytes; o += 128, p += 8)
      UNROLL for (int v = 0; v < PER_BLOCK; v++) {
        const float *first = (const float *)(at + o) + v * W;
        sum[0][v] = dot_bytes_twice(sum[0][v], (VI)load(first), isplat(*(const int32_t *)p), (VI)load(first + 16),
                                    isplat(*(const int32_t *)(p + 4)));
      }
  if (slots == 1 && SLOTS_AT_ONCE > 1) {
    // In one chain, each product would wait for the one before.
    VI chain[CHAINS][PER_BLOCK] = {0};
    for (; o + (CHAINS - 1) * 64 < bytes; o += CHAINS * 64, p += CHAINS * 4)
      UNROLL for (int c = 0; c < CHAINS; c++) {
        if (ahead) prefetch(at + x->block_bytes * AHEAD_BLOCKS * x->step + o + c * 64);
        const VI four = isplat(*(const int32_t *)(p + c * 4));
        UNROLL for (int v = 0; v < PER_BLOCK; v++)
          chain[c][v] = SCREENING_DOT(chain[c][v], (VI)load((const float *)(at + o + c * 64) + v * W), four);
      }
    UNROLL for (int c = 0; c < CHAINS; c++) UNROLL for (int v = 0; v < PER_BLOCK; v++) sum[0][v] += chain[c][v];
  }
#pragma GCC unroll 4
  for (; o < bytes; o += 64, p += 4) {
    if (ahead) prefetch(at + x->block_bytes * AHEAD_BLOCKS * x->step + o);
    VI x4[PER_BLOCK];
    UNROLL for (int v = 0; v < PER_BLOCK; v++) x4[v] = (VI)load((const float *)(at + o) + v * W);
    UNROLL for (int s = 0; s < slots; s++) {
      const VI four = isplat(*(const int32_t *)(p + each * s));
      UNROLL for (int v = 0; v < PER_BLOCK; v++) sum[s][v] = SCREENING_DOT(sum[s][v], x4[v], four);
    }
  }
  UNROLL for (int s = 0; s < slots; s++) {
    const float bound = bound_of(norms, numbers + s, x->width);
    unsigned bits = 0;
    UNROLL for (int v = 0; v < PER_BLOCK; v++)
      bits |= lanes_above(at + v * W * 4, sum[s][v], numbers[s], bound, ((const float *)x->lists)[slot + s]) << v * W;
    if (bits) await_rows(x, slot + s, block, bits);
  }
}

SCREENING_TARGET static void SCREENING(screen)(Screening *x) {
  const int slots = x->given.slots;
  for (int block = x->given.from; block < x->given.to; block += x->step) {
    int slot = 0;
    for (; SLOTS_AT_ONCE > 1 && slot + SLOTS_AT_ONCE <= slots; slot += SLOTS_AT_ONCE)
      SCREENING(screen_block)(x, block, slot, SLOTS_AT_ONCE, false);
    if (SLOTS_AT_ONCE > 1 && slot + 4 <= slots) SCREENING(screen_block)(x, block, slot, 4, true), slot += 4;
    if (SLOTS_AT_ONCE > 1 && slot + 2 <= slots) SCREENING(screen_block)(x, block, slot, 2, true), slot += 2;
    for (; slot < slots; slot++) SCREENING(screen_block)(x, block, slot, 1, true);
  }
}

SCREENING_TARGET static void SCREENING(visit)(const Screening *x) {
  for (int i = 0; i < x->visiting; i++) {
    const int block = x->visits[i].block, to = smaller(block + GROUP_BLOCKS, blocks_of(x->rows->given.n));
    for (int b = block; b < to; b++) SCREENING(screen_block)(x->rows, b, x->visits[i].slot, 1, false);
  }
}

#undef SCREENING
#undef SCREENING_DOT
#undef SCREENING_TARGET

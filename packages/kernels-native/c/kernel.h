// What the addon and the builds of kernels.c know of each other.
#pragma once
#include <stddef.h>
#include <stdint.h>

/**
 * Runs a share of one op.
 *
 * base: start of the engine's memory. words: the op's arguments, as the kernel table orders them: numbers, or addresses
 * as distances from base. The kernel reads and writes only what its arguments name.
 */
typedef void (*Kernel)(char *base, const uint32_t *words, int share, int shares);

typedef struct {
  const char *name;
  Kernel run;
} NamedKernel;

/** The kernels of one instruction set, ended by a null name. */
extern const NamedKernel kernels_avx2[], kernels_avx512[], kernels_neon[];

/** An alias table: cell c is item c's below threshold[c], and item alias[c]'s from there on. */
typedef struct {
  const uint32_t *threshold;
  const int32_t *alias;
  uint32_t items;
} AliasTable;

/** Where each item is among the distinct ones; stale for items that are not. */
typedef struct {
  uint32_t *at;
  uint32_t items;
} Places;

/** Distinct items in order of first appearance, then −1, and how often each was drawn; capacity ≥ 1. */
typedef struct {
  int32_t *items;
  float *counts;
  uint32_t capacity;
} DistinctItems;

/** What draws and merges samples: c/samples.h. */
typedef struct {
  void (*draw)(const uint32_t key[2], const uint32_t counter[3], AliasTable table, int32_t *out, ptrdiff_t n);
  ptrdiff_t (*merge)(const int32_t *samples, ptrdiff_t n, Places places, DistinctItems to);
} Sampling;
extern const Sampling sampling_avx2, sampling_avx512, sampling_neon;

/** Bytes that a share of a kernel keeps, by the arguments that the table lists for it; −1 for a kernel without shares. */
typedef ptrdiff_t (*ShareBytes)(const char *kernel, const int32_t *given);
extern const ShareBytes share_bytes_avx2, share_bytes_avx512, share_bytes_neon;

// What the addon and the builds of kernels.c know of each other.
#pragma once
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/** A thread of those that run a list. spins: loads before it sleeps while it waits. */
typedef struct {
  int number, count, spins;
} Thread;

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

/**
 * The kernels of one instruction set.
 *
 * run: base is the start of the engine's memory. The words of an op's arguments are as the kernel table orders them: numbers, or
 * addresses as distances from base. A kernel reads and writes only what its arguments name. draw, merge: random.h.
 */
typedef struct {
  bool (*run)(char *base, const uint32_t *list, int from, int to, Thread thread);
  ptrdiff_t (*share_bytes)(int kernel, const int32_t *given);
  void (*draw)(const uint32_t key[2], const uint32_t counter[3], AliasTable table, int32_t *out, ptrdiff_t n);
  ptrdiff_t (*merge)(const int32_t *samples, ptrdiff_t n, Places places, DistinctItems to);
} KernelSet;

extern const KernelSet kernels_avx2, kernels_avx512, kernels_neon;

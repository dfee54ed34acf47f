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

/** Bytes that a share of a kernel keeps, by the arguments that the table lists for it; −1 for a kernel without shares. */
typedef ptrdiff_t (*ShareBytes)(const char *kernel, const int32_t *given);
extern const ShareBytes share_bytes_avx2, share_bytes_avx512, share_bytes_neon;

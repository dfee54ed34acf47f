// The matrix unit of x86-64 processors (AMX), which multiplies 16 × 64 by 64 × 16 bytes in one instruction.
#pragma once
#include <stdbool.h>

/** Rows of a tile, and bytes of each. */
#define TILE_ROWS 16
#define TILE_BYTES 64

#if defined(__AVX512F__) && defined(__linux__) && (defined(__clang__) ? __clang_major__ >= 12 : __GNUC__ >= 11)
#include <cpuid.h>
#include <sys/syscall.h>
#include <unistd.h>

#define MATRIX_TARGET __attribute__((target("amx-tile,amx-int8")))

/** Whether the processor has the unit and the system lets this process use it, which has to be asked once. */
static bool has_matrix_unit(void) {
  // AMX-TILE and AMX-INT8 in EDX of leaf 7; compilers name the bits differently.
  enum { UNKNOWN, NO, YES, AMX_BITS = 3 << 24, ARCH_REQ_XCOMP_PERM = 0x1023, XFEATURE_XTILEDATA = 18 };
  static int known = UNKNOWN;
  int answer = __atomic_load_n(&known, __ATOMIC_RELAXED);
  if (answer == UNKNOWN) {
    unsigned a, b, c, d;
    const bool in_processor = __get_cpuid_count(7, 0, &a, &b, &c, &d) && (d & AMX_BITS) == AMX_BITS;
    answer = in_processor && syscall(SYS_arch_prctl, ARCH_REQ_XCOMP_PERM, XFEATURE_XTILEDATA) == 0 ? YES : NO;
    __atomic_store_n(&known, answer, __ATOMIC_RELAXED);
  }
  return answer == YES;
}
#define MATRIX_UNIT 1
#else
#define MATRIX_UNIT 0
#define has_matrix_unit() false
#endif

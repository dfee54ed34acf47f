// The kernels of one instruction set. Rows end at any multiple of four floats, so the last vector of a row is read and written
// by lanes, and nothing behind a row is written.
#include "generated/constants.h"
#include "kernel.h"
#include "simd.h"

// Every thread runs the whole list of calls. A call runs on one thread or is split by rows, always at the same rows. The thread
// that writes a row therefore also reads it if the next call splits the same rows.

/** The first row of a share: a multiple of GRANULE, so that a share of a column consists of whole vectors. */
INLINE int share_bound(int n, int at, int shares) {
  return smaller(n, ((n + GRANULE - 1) / GRANULE * at + shares - 1) / shares * GRANULE);
}

#include "generated/arguments.h"

#define UNUSED __attribute__((unused))
/** Defines a kernel: its body sees base, its arguments x, share and shares. */
#define KERNEL(NAME)                                                                                                  \
  static void NAME##_body(char *base, NAME##_Arguments x, int share, int shares);                                      \
  static void NAME(char *base, const uint32_t *words, int share, int shares) {                                         \
    NAME##_body(base, NAME##_read(base, words, share, shares), share, shares);                                         \
  }                                                                                                                   \
  static void NAME##_body(UNUSED char *base, NAME##_Arguments x, UNUSED int share, UNUSED int shares)
/** Defines the bytes that a share of a kernel keeps, by the arguments that the table lists for it. */
#define SHARE_BYTES(NAME) INLINE ptrdiff_t NAME##_share_bytes(const int32_t *given)
#define SHARE_OF(NAME, ...) NAME##_share_bytes((const int32_t[]){__VA_ARGS__})

#include "products.h"
#include "rows.h"
#include "cross-entropy.h"
#include "bpr-max.h"
#include "elementwise.h"
#include "layout.h"
#include "random.h"
#include "rank-lists.h"
#include "ranking.h"
#include "screen-top.h"
#include "barrier.h"

// The only op that waits for other threads: run_ops calls it.
#define BARRIER NULL
#define AS_KERNEL(NAME) [NAME##_NUMBER] = NAME,
/** By number. */
static void (*const kernels[])(char *base, const uint32_t *words, int share, int shares) = {
    ALL_KERNELS(AS_KERNEL)};

/** Runs a thread's share of ops from … to − 1 of a list. @returns whether no thread failed. */
static bool run_ops(char *base, const uint32_t *list, int from, int to, Thread thread) {
  for (const uint32_t *op = list + OP_WORDS * from, *end = list + OP_WORDS * to; op < end; op += OP_WORDS) {
    // 0: all threads, split. t + 1: thread t, or the last one.
    const int part = (int)op[1];
    if (op[0] == BARRIER_NUMBER) {
      if (!barrier((int32_t *)(base + op[HEAD_WORDS]), thread)) return false;
    } else if (part == 0) kernels[op[0]](base, op + HEAD_WORDS, thread.number, thread.count);
    else if (smaller(part - 1, thread.count - 1) == thread.number) kernels[op[0]](base, op + HEAD_WORDS, 0, 1);
  }
  return true;
}

/** Bytes that a share of a kernel keeps; −1 for a kernel without shares. */
static ptrdiff_t share_bytes_of(int kernel, const int32_t *given) {
  switch (kernel) {
#define SHARED(NAME) case NAME##_NUMBER: return NAME##_share_bytes(given);
    SHARING_KERNELS(SHARED)
    default: return -1;
  }
}

#ifdef __wasm__
// What a WebAssembly instance exports. Its memory is the engine's, which starts at address 0.
#define EXPORT(NAME) __attribute__((export_name(#NAME)))

/** Address 0 is memory like any other, which the compiler must not know. */
INLINE char *memory_start(void) {
  char *start = NULL;
  __asm__("" : "+r"(start));
  return start;
}

/** Runs a thread's share of ops from … to − 1 of the list. @returns whether no thread failed. */
EXPORT(run) bool wasm_run(const uint32_t *list, int from, int to, int thread, int threads, int spins) {
  return run_ops(memory_start(), list, from, to, (Thread){thread, threads, spins});
}

/** Bytes that a share of a kernel keeps, from the arguments that the table names. */
EXPORT(shareBytes) int wasm_share_bytes(int kernel, int a, int b, int c, int d, int e) {
  const int32_t given[] = {a, b, c, d, e};
  return (int)share_bytes_of(kernel, given);
}

/** Identifies the table that the kernels were built from. */
EXPORT(table) int wasm_table(void) { return TABLE; }
#else
#if W == 16
#define OF_SET(name) name##_avx512
#elif W == 8
#define OF_SET(name) name##_avx2
#else
#define OF_SET(name) name##_neon
#endif
const KernelSet OF_SET(kernels) = {run_ops, share_bytes_of, draw_samples, merge_samples};
#endif

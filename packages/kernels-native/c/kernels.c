// The kernels of one instruction set. Each has the name, the arguments and the split by rows of engine-wasm's: the kernel
// table says what they are. Rows end at any multiple of four floats, so the last vector of a row is read and written by
// lanes, and nothing behind a row is written.
#include "generated/constants.h"
#include "kernel.h"
#include "simd.h"

/** The first row of a share: a multiple of GRANULE, as in assembly/share.ts. */
INLINE int share_bound(int n, int at, int shares) {
  return smaller(n, ((n + GRANULE - 1) / GRANULE * at + shares - 1) / shares * GRANULE);
}

#include "generated/arguments.h"

/** Defines a kernel: its body sees base, its arguments x, share and shares. */
#define KERNEL(NAME)                                                                                                  \
  static void NAME##_body(char *base, NAME##_Arguments x, int share, int shares);                                      \
  static void NAME(char *base, const uint32_t *words, int share, int shares) {                                         \
    NAME##_body(base, NAME##_read(base, words, share, shares), share, shares);                                         \
  }                                                                                                                   \
  static void NAME##_body(__attribute__((unused)) char *base, NAME##_Arguments x, __attribute__((unused)) int share,   \
                          __attribute__((unused)) int shares)
/** Defines the bytes that a share of a kernel keeps, by the arguments that the table lists for it. */
#define SHARE_BYTES(NAME) INLINE ptrdiff_t NAME##_share_bytes(const int32_t *given)

#include "products.h"
#include "adagrad.h"
#include "cross-entropy.h"
#include "bpr-max.h"
#include "elementwise.h"
#include "dropout.h"
#include "ranking.h"
#include "screening.h"
#include "samples.h"

#if W == 16
#define OF_SET(name) name##_avx512
#elif W == 8
#define OF_SET(name) name##_avx2
#else
#define OF_SET(name) name##_neon
#endif

#define NAMED(NAME) {#NAME, NAME},
const NamedKernel OF_SET(kernels)[] = {
    NAMED(NN) NAMED(TN) NAMED(TN_PART) NAMED(ROW_DOTS) NAMED(ADAGRAD) NAMED(ADAGRAD_ROWS) NAMED(ADAGRAD_SCALARS)
    NAMED(UNIQUE_INDICES) NAMED(CROSS_ENTROPY_EXPONENTIALS) NAMED(CROSS_ENTROPY_GRADIENT) NAMED(BPR_MAX_ACTIVATE)
    NAMED(BPR_MAX_MOMENTS) NAMED(BPR_MAX_GRADIENT) NAMED(UNARY) NAMED(BINARY) NAMED(BINARY_RUN) NAMED(SUM_ROWS)
    NAMED(SUM_COLS) NAMED(GATHER_ROWS) NAMED(DROPOUT_MASK) NAMED(RANK_PRODUCT)
    NAMED(SCREEN_TOP) {0}};

static ptrdiff_t share_bytes_of(const char *kernel, const int32_t *given) {
#define SHARED(NAME) if (strcmp(kernel, #NAME) == 0) return NAME##_share_bytes(given);
  SHARED(TN_PART) SHARED(ADAGRAD_ROWS) SHARED(CROSS_ENTROPY_EXPONENTIALS) SHARED(BPR_MAX_ACTIVATE) SHARED(RANK_PRODUCT)
  SHARED(SCREEN_TOP)
  return -1;
}
const ShareBytes OF_SET(share_bytes) = share_bytes_of;

const Sampling OF_SET(sampling) = {draw_samples, merge_samples};

// The barrier between calls on several threads.
#pragma once
#include "kernel.h"
#ifdef __linux__
#include <limits.h>
#include <linux/futex.h>
#include <sys/syscall.h>
#include <unistd.h>
#elif !defined(__wasm__)
#include <time.h>
#endif

/** Words of the memory that threads meet at. */
enum { ARRIVED, GENERATION, SLEEPERS, FAILED };

/** Sleeps while *at is `value`, or less. */
INLINE void sleep_while(int32_t *at, int32_t value) {
#if defined(__wasm__)
  __builtin_wasm_memory_atomic_wait32(at, value, -1);
#elif defined(__linux__)
  syscall(SYS_futex, at, FUTEX_WAIT_PRIVATE, value, NULL, NULL, 0);
#else
  (void)at, (void)value;
  nanosleep(&(struct timespec){0, 50000}, NULL);
#endif
}

INLINE void wake_all(int32_t *at) {
#if defined(__wasm__)
  __builtin_wasm_memory_atomic_notify(at, 0xffffffff);
#elif defined(__linux__)
  syscall(SYS_futex, at, FUTEX_WAKE_PRIVATE, INT_MAX, NULL, NULL, 0);
#else
  (void)at;
#endif
}

#define ATOMIC(op, ...) __atomic_##op(__VA_ARGS__, __ATOMIC_SEQ_CST)

/**
 * Waits until every thread has arrived: spins, then sleeps. sync: the words above. A thread that fails sets FAILED, then adds 1 to
 * GENERATION and wakes the others.
 *
 * @returns whether no thread failed.
 */
static bool barrier(__attribute__((unused)) int32_t *sync, Thread thread) {
  if (thread.count == 1) return true;
#if !defined(__wasm__) || defined(__wasm_atomics__)
  const int32_t generation = ATOMIC(load_n, &sync[GENERATION]);
  if (ATOMIC(load_n, &sync[FAILED])) return false;
  if (ATOMIC(fetch_add, &sync[ARRIVED], 1) == thread.count - 1) {
    ATOMIC(store_n, &sync[ARRIVED], 0);
    ATOMIC(fetch_add, &sync[GENERATION], 1);
    if (ATOMIC(load_n, &sync[SLEEPERS]) != 0) wake_all(&sync[GENERATION]);
    return true;
  }
  for (int i = 0; i < thread.spins; i++)
    if (ATOMIC(load_n, &sync[GENERATION]) != generation) return !ATOMIC(load_n, &sync[FAILED]);
  ATOMIC(fetch_add, &sync[SLEEPERS], 1);
  while (ATOMIC(load_n, &sync[GENERATION]) == generation) sleep_while(&sync[GENERATION], generation);
  ATOMIC(fetch_sub, &sync[SLEEPERS], 1);
  return !ATOMIC(load_n, &sync[FAILED]);
#else
  return true;
#endif
}

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

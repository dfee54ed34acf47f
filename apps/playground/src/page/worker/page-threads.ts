/** The steps of a page's models are small, so more threads would wait for each other. */
const MOST_THREADS = 4;

/**
 * Threads of the engine: one core is the page's, which draws while a model trains. Two threads on two cores trained the
 * shop at 29,000 to 39,000 events/s, one thread at 57,000 to 66,000.
 *
 * @param isolated - whether the page may share memory.
 */
export function pageThreads(isolated: boolean, cores: number): number {
  return isolated ? Math.min(MOST_THREADS, Math.max(1, cores - 1)) : 1;
}

// The DOM library is only used for the types of WebAssembly.
/// <reference lib="dom" />
import { availableParallelism } from 'node:os';
import { Worker } from 'node:worker_threads';
import { EngineUnavailableError } from '@gru4rec/program';
import type { NativePlan } from './native-kernels.ts';

/** Words of the control block. Workers receive this layout when they start. */
const LAYOUT = { READY: 0, GENERATION: 1, SLEEPERS: 2, MEMORY: 3, LIST: 4, FROM: 5, TO: 6 } as const;
const { READY, GENERATION, SLEEPERS, MEMORY, LIST, FROM, TO } = LAYOUT;
const WORDS = 16;

/**
 * Loads before a waiting thread goes to sleep. They take about 0.2 ms, longer than the pause between two training
 * steps, because waking a thread takes 50 to 90 µs. With more threads than cores, the thread that is waited for may
 * need this core.
 */
const SPINS = 200_000;
const SPINS_CROWDED = 100;

/** How long each of `threads` threads spins. */
export function spinsFor(threads: number): number {
  return threads > availableParallelism() ? SPINS_CROWDED : SPINS;
}

/** Time limit for workers to start. */
const START_MS = 20_000;

/** A range of calls in a list in memory. */
export interface OpRange {
  readonly list: number;
  readonly from: number;
  readonly to: number;
}

/** What every thread creates its own instance of the kernels from. */
export interface SharedParts {
  readonly module: WebAssembly.Module;
  readonly memory: WebAssembly.Memory;
  readonly native: NativePlan | undefined;
}

/**
 * Worker threads in addition to the caller's thread, shared by all memories of the caller's thread. They spin for about
 * 0.2 ms after each run and then sleep. They do not keep the process alive.
 */
export class ThreadPool {
  readonly threads: number;
  readonly #words = new Int32Array(new SharedArrayBuffer(4 * WORDS));
  readonly #workers: readonly Worker[];
  #memories = 0;
  #started = false;

  /** @param threads - number of threads, including the caller's. */
  constructor(threads: number) {
    this.threads = threads;
    const script = new URL('../worker/run-ops.mjs', import.meta.url);
    this.#workers = Array.from({ length: threads - 1 }, (_, i) => {
      const workerData = {
        control: this.#words.buffer,
        layout: LAYOUT,
        thread: i + 1,
        threads,
        spins: spinsFor(threads),
      };
      const worker = new Worker(script, { workerData, execArgv: [] });
      worker.unref();
      return worker;
    });
  }

  /** Registers a memory with the workers. @returns its number. */
  addMemory(parts: SharedParts, scratchOf: (thread: number) => number): number {
    const id = ++this.#memories;
    for (const [i, worker] of this.#workers.entries()) {
      worker.postMessage({ id, ...parts, scratch: scratchOf(i + 1) });
    }
    return id;
  }

  /** Makes the workers release a memory. */
  removeMemory(id: number): void {
    for (const worker of this.#workers) worker.postMessage({ id });
  }

  /**
   * Starts the workers on their shares of a list. The range must end with a barrier, at which the caller waits too.
   * @throws EngineUnavailableError if the workers have not started in time.
   */
  start(memory: number, { list, from, to }: OpRange): void {
    if (!this.#started) this.#awaitWorkers();
    const words = this.#words;
    words[MEMORY] = memory;
    words[LIST] = list;
    words[FROM] = from;
    words[TO] = to;
    Atomics.add(words, GENERATION, 1);
    if (Atomics.load(words, SLEEPERS) > 0) Atomics.notify(words, GENERATION);
  }

  #awaitWorkers(): void {
    const deadline = performance.now() + START_MS;
    for (;;) {
      const ready = Atomics.load(this.#words, READY);
      if (ready === this.#workers.length) break;
      const left = deadline - performance.now();
      if (left <= 0 || Atomics.wait(this.#words, READY, ready, left) === 'timed-out') {
        throw new EngineUnavailableError(
          `engine-wasm: ${this.#workers.length - ready} of ${this.#workers.length} worker threads did not start in ${START_MS / 1000} s. Use one thread.`,
        );
      }
    }
    this.#started = true;
  }
}

const pools = new Map<number, ThreadPool>();

/** The pool of `threads` threads. Each JavaScript thread has one pool per number of threads. */
export function threadPool(threads: number): ThreadPool {
  const known = pools.get(threads);
  if (known) return known;
  const pool = new ThreadPool(threads);
  pools.set(threads, pool);
  return pool;
}

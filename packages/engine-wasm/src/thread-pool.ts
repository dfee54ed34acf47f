// The types of WebAssembly are in the DOM library; nothing else of it is used.
/// <reference lib="dom" />
import { availableParallelism } from 'node:os';
import { Worker } from 'node:worker_threads';
import { EngineUnavailableError } from '@gru4rec/program';

/** Words of the control block; workers get them when they start. */
const LAYOUT = { READY: 0, GENERATION: 1, SLEEPERS: 2, MEMORY: 3, LIST: 4, FROM: 5, TO: 6 } as const;
const { READY, GENERATION, SLEEPERS, MEMORY, LIST, FROM, TO } = LAYOUT;
const WORDS = 16;

/**
 * Loads before a waiting thread goes to sleep: some 0.2 ms, longer than the pause between two steps of a training run,
 * as waking a sleeper takes 50 to 90 µs. Where threads outnumber cores the one waited for may need this core.
 */
const SPINS = 200_000;
const SPINS_CROWDED = 100;

/** How long each of `threads` threads spins. */
export function spinsFor(threads: number): number {
  return threads > availableParallelism() ? SPINS_CROWDED : SPINS;
}

/** How long workers may take to start. */
const START_MS = 20_000;

/** Ops of a list in one of the memories. */
export interface OpRange {
  readonly list: number;
  readonly from: number;
  readonly to: number;
}

/**
 * Worker threads beside the caller's, for all memories of this thread. They spin for some 0.2 ms after each call and
 * then sleep; they do not keep the process alive.
 */
export class ThreadPool {
  readonly threads: number;
  readonly #words = new Int32Array(new SharedArrayBuffer(4 * WORDS));
  readonly #workers: readonly Worker[];
  #memories = 0;
  #started = false;

  /** @param threads - the caller's own included. */
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

  /** Hands a memory to the workers. @returns its number. */
  addMemory(
    module: WebAssembly.Module,
    memory: WebAssembly.Memory,
    scratchOf: (thread: number) => number,
  ): number {
    const id = ++this.#memories;
    for (const [i, worker] of this.#workers.entries()) {
      worker.postMessage({ id, module, memory, scratch: scratchOf(i + 1) });
    }
    return id;
  }

  /** Makes the workers drop a memory. */
  removeMemory(id: number): void {
    for (const worker of this.#workers) worker.postMessage({ id });
  }

  /**
   * Sets the workers to their shares of a list. It must end with a barrier, which the caller waits at as well.
   * @throws EngineUnavailableError if they have not started in time.
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

/** The pool of `threads` threads, one per number of threads and JavaScript thread. */
export function threadPool(threads: number): ThreadPool {
  const known = pools.get(threads);
  if (known) return known;
  const pool = new ThreadPool(threads);
  pools.set(threads, pool);
  return pool;
}

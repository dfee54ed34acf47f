import { EngineUnavailableError } from '@gru4rec/program';
import { platform } from '#platform';
import type { KernelParts } from '../worker/bind-kernels.mjs';
import type { PoolThread, WasmMemory } from './platform.ts';

/** The largest number of threads. */
export const MOST_THREADS = 64;

/** Words of the control block. Workers receive this layout when they start. */
const LAYOUT = { READY: 0, GENERATION: 1, SLEEPERS: 2, MEMORY: 3, LIST: 4, FROM: 5, TO: 6 } as const;
const { READY, GENERATION, SLEEPERS, MEMORY, LIST, FROM, TO } = LAYOUT;
const WORDS = 16;

/** Loads before a thread sleeps: 0.2 ms, longer than the pause between steps, because waking one takes 50 to 90 µs. */
const SPINS = 200_000;
const SPINS_CROWDED = 100;

/** With more threads than cores, the thread that is waited for may need this core. */
export function spinsFor(threads: number): number {
  return threads > platform.processors() ? SPINS_CROWDED : SPINS;
}

/** Time limit for workers to start, and how often `ready` looks. */
const START_MS = 20_000;
const POLL_MS = 4;

interface ThreadStart {
  /** The control block, in shared memory, and the places of its words. */
  readonly control: ArrayBufferLike;
  readonly layout: typeof LAYOUT;
  readonly thread: number;
  readonly threads: number;
  readonly spins: number;
}

export interface OpRange {
  readonly list: number;
  readonly from: number;
  readonly to: number;
}

export interface SharedParts {
  readonly parts: KernelParts;
  readonly memory: WasmMemory;
  /** Address of the words at which threads wait for each other. */
  readonly sync: number;
}

/** Threads besides the caller's, for all its memories. They spin 0.2 ms after a run, then sleep, and keep no process alive. */
export class ThreadPool {
  readonly threads: number;
  readonly #words = new Int32Array(new SharedArrayBuffer(4 * WORDS));
  readonly #workers: readonly PoolThread[];
  #memories = 0;
  #started = false;
  #isAbandoned = false;
  #problem = '';

  constructor(threads: number) {
    this.threads = threads;
    this.#workers = Array.from({ length: threads - 1 }, (_, i) => {
      const start: ThreadStart = {
        control: this.#words.buffer,
        layout: LAYOUT,
        thread: i + 1,
        threads,
        spins: spinsFor(threads),
      };
      return platform.startThread(start, (reason) => {
        this.#problem = `: ${reason}`;
      });
    });
  }

  /** Does not block: in a browser, workers start only while nothing does. @throws EngineUnavailableError if they do not. */
  async ready(): Promise<void> {
    const deadline = performance.now() + START_MS;
    while (this.#missing > 0) {
      if (this.#problem !== '' || performance.now() > deadline) throw this.#notStarted();
      await new Promise((resolve) => setTimeout(resolve, POLL_MS));
    }
    this.#started = true;
  }

  /** Registers a memory with the workers. @param stacks - one per worker. @returns its number. */
  addMemory(
    shared: SharedParts,
    stacks: readonly { readonly address: number; readonly bytes: number }[],
  ): number {
    const id = ++this.#memories;
    for (const [i, worker] of this.#workers.entries()) {
      const { address, bytes } = stacks[i] as (typeof stacks)[number];
      worker.postMessage({ id, ...shared, stack: { address, bytes } });
    }
    return id;
  }

  /** Takes the pool out of use after a thread has failed: the thread may have ended, and all others would wait for it. */
  abandon(): void {
    this.#isAbandoned = true;
    if (pools.get(this.threads) === this) pools.delete(this.threads);
  }

  get isAbandoned(): boolean {
    return this.#isAbandoned;
  }

  removeMemory(id: number): void {
    for (const worker of this.#workers) worker.postMessage({ id });
  }

  /** The range must end with a barrier, where the caller waits too. @throws EngineUnavailableError if workers do not start. */
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
    for (let missing = this.#missing; missing > 0; missing = this.#missing) {
      const left = deadline - performance.now();
      const ready = this.#workers.length - missing;
      if (left <= 0 || Atomics.wait(this.#words, READY, ready, left) === 'timed-out')
        throw this.#notStarted();
    }
    this.#started = true;
  }

  get #missing(): number {
    return this.#workers.length - Atomics.load(this.#words, READY);
  }

  #notStarted(): EngineUnavailableError {
    const [missing, all, seconds] = [this.#missing, this.#workers.length, START_MS / 1000];
    const late = this.#problem || ` in ${seconds} s`;
    return new EngineUnavailableError(
      `engine-wasm: ${missing} of ${all} worker threads did not start${late}. Use one thread.`,
    );
  }
}

const pools = new Map<number, ThreadPool>();

export function threadPool(threads: number): ThreadPool {
  const known = pools.get(threads);
  if (known) return known;
  const pool = new ThreadPool(threads);
  pools.set(threads, pool);
  return pool;
}

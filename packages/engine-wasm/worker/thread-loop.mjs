// The loop of a worker thread of the engine: it runs its share of the calls in a list, in memory that it shares with the
// thread that started it. run-ops.mjs runs it in Node, run-ops.browser.mjs in browsers.
import { bindKernels, failThreads } from './bind-kernels.mjs';

/**
 * @param {any} start - what `ThreadStart` of thread-pool.ts documents.
 * @param {(path: string) => any} loadAddon
 */
export function threadLoop({ control, layout, thread, threads, spins }, loadAddon) {
  const { READY, GENERATION, SLEEPERS, MEMORY, LIST, FROM, TO } = layout;
  const words = new Int32Array(control);
  /** @type {Map<number, (list: number, from: number, to: number) => void>} */
  const runs = new Map();
  let generation = 0;
  Atomics.add(words, READY, 1);
  Atomics.notify(words, READY);
  return {
    /** Takes or releases a memory. @param {any} message - what `SharedParts` of thread-pool.ts documents, with its number. */
    receive({ id, parts, memory, sync, stack }) {
      if (!memory) {
        if (runs.delete(id)) collectGarbage();
        return;
      }
      /** @type {import('./bind-kernels.mjs').RunKernels | undefined} */
      let kernels;
      runs.set(id, (list, from, to) => {
        try {
          kernels ??= bindKernels(parts, memory, loadAddon, stack.address + stack.bytes);
          kernels(list, from, to, thread, threads, spins);
        } catch (error) {
          failThreads(memory, sync);
          throw error;
        }
      });
    },
    /** Runs calls as they come. Returns only when the next ones are in a memory that has not been received. */
    run() {
      for (;;) {
        for (let i = 0; i < spins && Atomics.load(words, GENERATION) === generation; i++);
        const next = Atomics.load(words, GENERATION);
        if (next === generation) {
          Atomics.add(words, SLEEPERS, 1);
          Atomics.wait(words, GENERATION, generation);
          Atomics.sub(words, SLEEPERS, 1);
          continue;
        }
        const run = runs.get(words[MEMORY] ?? 0);
        if (!run) return;
        generation = next;
        run(words[LIST] ?? 0, words[FROM] ?? 0, words[TO] ?? 0);
      }
    },
  };
}

/**
 * Large arrays make V8 collect garbage, which a thread that waits never does by itself: it would keep every memory. They are never
 * touched, and take 1 ms. Bundlers drop an array that nothing reads.
 */
function collectGarbage() {
  for (let i = 0; i < 4; i++) if (new ArrayBuffer(2 ** 28).byteLength === 0) return;
}

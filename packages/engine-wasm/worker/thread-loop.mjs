// The loop of a worker thread of the engine: it runs its share of the calls in a list, in memory that it shares with the
// thread that started it. run-ops.mjs runs it in Node, run-ops.browser.mjs in browsers.

/** @typedef {{ run(list: number, from: number, to: number): void }} Kernels */

/**
 * @param {any} start - what `ThreadStart` of thread-pool.ts documents.
 * @param {(plan: any, memory: WebAssembly.Memory) => (...words: number[]) => void} bindNative
 */
export function threadLoop({ control, layout, thread, threads, spins }, bindNative) {
  const { READY, GENERATION, SLEEPERS, MEMORY, LIST, FROM, TO } = layout;
  const words = new Int32Array(control);
  /** @type {Map<number, Kernels>} */
  const instances = new Map();
  let generation = 0;
  Atomics.add(words, READY, 1);
  Atomics.notify(words, READY);
  return {
    /** Takes or releases a memory. @param {any} message */
    receive({ id, module, memory, scratch, native: plan }) {
      if (!module) {
        instances.delete(id);
        return;
      }
      const abort = () => {
        throw new Error('engine-wasm: a kernel aborted');
      };
      const native = plan ? bindNative(plan, memory) : abort;
      const { exports } = new WebAssembly.Instance(module, { env: { memory, abort, native } });
      const kernels = /** @type {any} */ (exports);
      kernels.startThread(thread, threads, scratch, spins);
      if (plan) kernels.runOutside(plan.low, plan.high);
      instances.set(id, kernels);
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
        const kernels = instances.get(words[MEMORY] ?? 0);
        if (!kernels) return;
        generation = next;
        kernels.run(words[LIST] ?? 0, words[FROM] ?? 0, words[TO] ?? 0);
      }
    },
  };
}

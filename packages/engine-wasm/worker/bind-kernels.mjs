// What all threads of the engine do in the same way. In JavaScript, because a worker of Node 20 cannot import TypeScript.
// bind-kernels.d.mts documents it.

/** @type {typeof import('./bind-kernels.mjs').bindKernels} */
export function bindKernels(parts, memory, loadAddon, stack) {
  if ('native' in parts) {
    const { path, instructionSet } = parts.native;
    return /** @type {any} */ (loadAddon(path)).bind(instructionSet, new Uint8Array(memory.buffer));
  }
  const exports = /** @type {any} */ (new WebAssembly.Instance(parts.module, { env: { memory } }).exports);
  if (stack !== undefined) exports.__stack_pointer.value = stack;
  return exports.run;
}

/** Words of the memory at which threads wait for each other: c/barrier.h. */
const GENERATION = 1;
const FAILED = 3;

/** @type {typeof import('./bind-kernels.mjs').failThreads} */
export function failThreads(memory, sync) {
  const words = new Int32Array(memory.buffer);
  Atomics.store(words, sync / 4 + FAILED, 1);
  Atomics.add(words, sync / 4 + GENERATION, 1);
  Atomics.notify(words, sync / 4 + GENERATION);
}

/** The kernels: a `WebAssembly.Module`, or those of an instruction set of a Node-API addon. */
export type KernelParts =
  | { readonly module: object }
  | { readonly native: { readonly path: string; readonly instructionSet: string } };

/**
 * Runs a thread's share of ops from … to − 1 of the list at an address.
 *
 * @param spins - loads before it sleeps while it waits for other threads.
 * @returns 0 or false if another thread has failed.
 */
export type RunKernels = (
  list: number,
  from: number,
  to: number,
  thread: number,
  threads: number,
  spins: number,
) => number | boolean;

/**
 * Binds the kernels to a memory that never grows, for one thread. The result must be held as long as the memory is used.
 *
 * @param stack - the address after the thread's own stack. The first thread has one below all buffers.
 */
export function bindKernels(
  parts: KernelParts,
  memory: { readonly buffer: ArrayBufferLike },
  loadAddon: (path: string) => unknown,
  stack?: number,
): RunKernels;

/** Makes all threads that run calls in a memory, or will, return at their next barrier. @param sync - address of its words. */
export function failThreads(memory: { readonly buffer: ArrayBufferLike }, sync: number): void;

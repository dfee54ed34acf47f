// The types of WebAssembly are in the DOM library; nothing else of it is used.
/// <reference lib="dom" />
import { readFileSync } from 'node:fs';
import v8 from 'node:v8';
import { EngineUnavailableError } from '@gru4rec/program';

/** The compiled kernels. Op numbers and layout constants are read from the module's exported globals. */
export interface KernelModule {
  readonly module: WebAssembly.Module;
  /** Value of an exported constant, such as `NN` or `OP_BYTES`. */
  constant(name: string): number;
}

/** What an instance of the kernels can do with its memory. */
export interface KernelInstance {
  /** Runs ops `from` to `to` − 1 of the list at an address. */
  readonly run: (list: number, from: number, to: number) => void;
}

let loaded: KernelModule | undefined;

/**
 * Compiles the kernels once a process, optimised before the first step.
 * @throws EngineUnavailableError if they have not been built or this runtime lacks SIMD.
 */
export function loadKernels(): KernelModule {
  loaded ??= compileKernels();
  return loaded;
}

function compileKernels(): KernelModule {
  const file = new URL('../wasm/kernels.wasm', import.meta.url);
  let bytes: Uint8Array<ArrayBuffer>;
  try {
    bytes = new Uint8Array(readFileSync(file));
  } catch (cause) {
    throw new EngineUnavailableError(
      'engine-wasm: wasm/kernels.wasm is missing. Run `pnpm --filter @gru4rec/engine-wasm build:kernels`.',
      { cause },
    );
  }
  // Without these the first seconds run baseline code at a fraction of the speed.
  v8.setFlagsFromString('--no-liftoff');
  v8.setFlagsFromString('--no-wasm-lazy-compilation');
  try {
    const module = new WebAssembly.Module(bytes);
    const { exports } = instantiate(module, new WebAssembly.Memory({ initial: 1, maximum: 1 }));
    const constant = (name: string): number => {
      const global = exports[name];
      if (!(global instanceof WebAssembly.Global)) throw new RangeError(`kernels: no constant named ${name}`);
      return Number(global.value);
    };
    return { module, constant };
  } catch (cause) {
    throw new EngineUnavailableError('engine-wasm: this runtime cannot compile WebAssembly with SIMD.', {
      cause,
    });
  } finally {
    v8.setFlagsFromString('--liftoff');
    v8.setFlagsFromString('--wasm-lazy-compilation');
  }
}

/** An instance that works on `memory`. */
export function instantiate(module: WebAssembly.Module, memory: WebAssembly.Memory): WebAssembly.Instance {
  const abort = (): never => {
    throw new Error('engine-wasm: a kernel aborted');
  };
  return new WebAssembly.Instance(module, { env: { memory, abort } });
}

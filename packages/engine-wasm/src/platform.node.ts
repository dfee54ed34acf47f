// The DOM library is only used for the types of WebAssembly.
/// <reference lib="dom" />
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { availableParallelism } from 'node:os';
import v8 from 'node:v8';
import { MessageChannel, Worker } from 'node:worker_threads';
import { EngineUnavailableError } from '@gru4rec/program';
import type { KernelFile, Platform } from './platform.ts';

const RELAXED_FLAG = '--experimental-wasm-relaxed-simd';

export const platform: Platform = {
  processors: availableParallelism,

  /** Node 20 has relaxed SIMD behind a flag, which this sets for the process. */
  hasRelaxedSimd() {
    const bytes = readKernels('kernels-relaxed.wasm');
    if (WebAssembly.validate(bytes)) return true;
    v8.setFlagsFromString(RELAXED_FLAG);
    return WebAssembly.validate(bytes);
  },

  compileKernels(file) {
    const bytes = readKernels(file);
    // Without these flags, the first seconds run baseline code at a fraction of the speed.
    v8.setFlagsFromString('--no-liftoff');
    v8.setFlagsFromString('--no-wasm-lazy-compilation');
    try {
      return new WebAssembly.Module(bytes);
    } finally {
      v8.setFlagsFromString('--liftoff');
      v8.setFlagsFromString('--wasm-lazy-compilation');
    }
  },

  fetchKernels: async (file) => platform.compileKernels(file),

  loadAddon: (path) => createRequire(import.meta.url)(path),

  startThread(start, onError) {
    const script = new URL('../worker/run-ops.mjs', import.meta.url);
    // A port of its own, because Deno cannot read a worker's parentPort without its event loop.
    const { port1, port2 } = new MessageChannel();
    const options = { workerData: { ...start, port: port2 }, transferList: [port2], execArgv: [] };
    const worker = new Worker(script, options);
    worker.on('error', (error) => onError(error instanceof Error ? error.message : String(error)));
    worker.unref();
    return port1;
  },
};

function readKernels(file: KernelFile): Uint8Array<ArrayBuffer> {
  try {
    return new Uint8Array(readFileSync(new URL(`../wasm/${file}`, import.meta.url)));
  } catch (cause) {
    const build = 'Run `pnpm --filter @gru4rec/engine-wasm build:kernels`.';
    throw new EngineUnavailableError(`engine-wasm: wasm/${file} is missing. ${build}`, { cause });
  }
}

/// <reference lib="dom" />
import { EngineUnavailableError } from '@gru4rec/program';
import type { KernelFile, Platform } from './platform.ts';

/** Written out, because bundlers find files only by such expressions. */
const kernelUrls: Readonly<Record<KernelFile, URL>> = {
  'kernels.wasm': new URL('../wasm/kernels.wasm', import.meta.url),
  'kernels-relaxed.wasm': new URL('../wasm/kernels-relaxed.wasm', import.meta.url),
  'kernels-shared.wasm': new URL('../wasm/kernels-shared.wasm', import.meta.url),
  'kernels-relaxed-shared.wasm': new URL('../wasm/kernels-relaxed-shared.wasm', import.meta.url),
};

/** A module with one function: three vectors of zeros and `f32x4.relaxed_madd`. */
// biome-ignore format: as sections
const relaxedProbe = Uint8Array.of(
  0, 97, 115, 109, 1, 0, 0, 0,
  1, 5, 1, 96, 0, 1, 123,
  3, 2, 1, 0,
  10, 19, 1, 17, 0, 65, 0, 253, 17, 65, 0, 253, 17, 65, 0, 253, 17, 253, 133, 2, 11,
);

export const platform: Platform = {
  processors: () => navigator.hardwareConcurrency,

  hasRelaxedSimd: () => WebAssembly.validate(relaxedProbe),

  compileKernels() {
    throw new EngineUnavailableError(
      'engine-wasm: a browser cannot load the kernels at once. Use `await openWasmEngine()` instead of createWasmEngine.',
    );
  },

  async fetchKernels(file, folder) {
    const url = folder === undefined ? kernelUrls[file] : new URL(file, folderUrl(folder));
    const bytes = await fetchBytes(url);
    try {
      return await WebAssembly.compile(bytes);
    } catch (cause) {
      const isModule = String.fromCharCode(...new Uint8Array(bytes).subarray(0, 4)) === '\0asm';
      const problem = isModule
        ? 'this browser cannot compile WebAssembly with SIMD, or the policy of the page (CSP) forbids it'
        : `${url.href} is not WebAssembly. Put the files of the package's folder \`wasm\` there`;
      throw new EngineUnavailableError(`engine-wasm: ${problem}.`, { cause });
    }
  },

  loadAddon() {
    throw new Error('Native kernels run only in Node.');
  },

  startThread(start, onError) {
    const worker = new Worker(new URL('../worker/run-ops.browser.mjs', import.meta.url), { type: 'module' });
    worker.onerror = ({ message }) => onError(message || 'their script cannot be loaded');
    worker.postMessage(start);
    return worker;
  },
};

function folderUrl(folder: string | URL): URL {
  const base = globalThis.document?.baseURI ?? globalThis.location?.href;
  return new URL(`${String(folder).replace(/\/$/, '')}/`, base);
}

async function fetchBytes(url: URL): Promise<ArrayBuffer> {
  const response = await fetch(url).catch((cause) => {
    throw new EngineUnavailableError(`engine-wasm: ${url.href} cannot be fetched.`, { cause });
  });
  if (response.ok) return response.arrayBuffer();
  throw new EngineUnavailableError(`engine-wasm: ${url.href} cannot be fetched: status ${response.status}.`);
}

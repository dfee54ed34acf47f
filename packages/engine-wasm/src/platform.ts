// Types of WebAssembly for declarations: the DOM library has them, but a project that runs in Node may be without it.

export type WasmModule = object;

export interface WasmMemory {
  readonly buffer: ArrayBuffer;
  grow(pages: number): number;
  toFixedLengthBuffer(): ArrayBuffer;
  toResizableBuffer(): ArrayBuffer;
}

export type KernelFile = `kernels${'' | '-relaxed'}${'' | '-shared'}.wasm`;

/** A thread that runs its share of calls; messages to it arrive in order. */
export interface PoolThread {
  postMessage(message: unknown): void;
}

/** What differs between Node and browsers. `#platform` is one of its two forms, by the condition `browser`. */
export interface Platform {
  processors(): number;
  hasRelaxedSimd(): boolean;
  /**
   * Reads and compiles kernels without waiting. They are optimised before the first step, where the runtime can do that.
   * @throws EngineUnavailableError if that is impossible here, or the file is missing, or it cannot be compiled.
   */
  compileKernels(file: KernelFile): WasmModule;
  /** From the URL `folder` (not in Node), else beside this package. @throws EngineUnavailableError as `compileKernels`. */
  fetchKernels(file: KernelFile, folder: string | URL | undefined): Promise<WasmModule>;
  loadAddon(path: string): unknown;
  /** `start` can be posted; `onError` is called if its script cannot be loaded or throws. */
  startThread(start: object, onError: (reason: string) => void): PoolThread;
}

import { checkHas } from '@gru4rec/checks';
import {
  createWasmEngine as createEngine,
  type WasmEngine,
  type WasmEngineOptions,
} from '@gru4rec/engine-wasm';
import { findNativeKernels } from '@gru4rec/engine-wasm/native';

/**
 * Creates the default engine. It runs native kernels if those of this platform are installed, and WebAssembly's otherwise
 * or with `native: undefined`.
 *
 * @throws RangeError if an option is wrong.
 * @throws EngineUnavailableError if this runtime lacks what an option asks for.
 */
export function createWasmEngine(options: WasmEngineOptions = {}): WasmEngine {
  checkHas('createWasmEngine', 'options', options, []);
  const native = 'native' in options ? options.native : findNativeKernels().kernels;
  return createEngine({ ...options, native });
}

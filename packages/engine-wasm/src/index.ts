export {
  createWasmEngine,
  type OpProfile,
  WASM_ENGINE,
  type WasmEngine,
  type WasmEngineOptions,
  type WasmRuntime,
} from './engine.ts';

export {
  createWasmEngine,
  type OpProfile,
  WASM_ENGINE,
  type WasmEngineOptions,
  type WasmRuntime,
} from './engine.ts';

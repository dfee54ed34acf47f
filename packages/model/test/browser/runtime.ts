// What a page needs to load a model and to recommend with it.
export { openWasmEngine } from '@gru4rec/engine-wasm';
export { loadModel } from '@gru4rec/model';

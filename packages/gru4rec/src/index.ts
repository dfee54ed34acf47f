export type { WasmEngine, WasmEngineOptions } from '@gru4rec/engine-wasm';
export {
  type CutoffResult,
  type EvaluateOptions,
  type Evaluation,
  evaluate,
  type Scorer,
  type SessionArrays,
} from '@gru4rec/metrics';
export {
  ConfigError,
  type EpochRecord,
  type Gru4Rec,
  type LiveSession,
  loadModel,
  type ModelConfig,
  type ModelConfigInput,
  ModelError,
  type Recommendation,
  type Selection,
  type TrainingData,
  type TrainOptions,
  train,
} from '@gru4rec/model';
export type { PrepareOptions, PrepareReport } from '@gru4rec/preprocess';
export { DataError, readDataset, type SessionDataset, type SessionTable } from '@gru4rec/sessions';
export { createWasmEngine } from './create-wasm-engine.ts';
export { prepare } from './prepare.ts';
export { type Served, type ServeOptions, serve } from './serve.ts';

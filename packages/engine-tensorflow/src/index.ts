export {
  createTensorFlowEngine,
  TENSORFLOW_ENGINE,
  type TensorFlowEngine,
  type TensorFlowEngineOptions,
} from './engine.ts';
export type { TensorFlowRuntime } from './runtime.ts';

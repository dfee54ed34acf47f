export { createTensorFlowEngine, type TensorFlowEngineOptions } from './engine.ts';

export { ProgramBuilder, type StepGraph } from './builder.ts';
export { capGradients } from './cap-gradients.ts';
export {
  type CheckedInput,
  checkIndices,
  checkInputs,
  indexLimits,
  rowsWritten,
  sharedVariables,
  valueNamed,
} from './check-run.ts';
export { differentiate } from './differentiate.ts';
export {
  type Engine,
  EngineUnavailableError,
  type FloatArray,
  type GroupingRuntime,
  groupingOf,
  type InputValue,
  type Runtime,
  type RuntimeArray,
  runProgram,
  type ScalarArray,
} from './engine.ts';
export { composeRegion, Graph, type IdSource, type TensorPerEntry } from './graph.ts';
export type { OpDefinition, OpMethods } from './ops/definition.ts';
export { type OpName, opNames } from './ops/registry.ts';
export { adadelta } from './optimizers/adadelta.ts';
export { adagrad } from './optimizers/adagrad.ts';
export { adam } from './optimizers/adam.ts';
export type { Optimizer, OptimizerOptions } from './optimizers/optimizer.ts';
export {
  type OptimizerKind,
  type OptimizerName,
  optimizers,
} from './optimizers/registry.ts';
export { rmsprop } from './optimizers/rmsprop.ts';
export { sgd } from './optimizers/sgd.ts';
export type { Node, Program, Region, Update, Variable, VariableKind } from './program.ts';
export { appendNodes, gradientTensors, inlineRegions } from './rewrite.ts';
export {
  type Attributes,
  type DType,
  type Gradient,
  inputOf,
  type Operation,
  outputOf,
  type RowGradient,
  type Shape,
  type Tensor,
  tensorAt,
} from './tensor.ts';

export { ProgramBuilder, type StepGraph } from './builder.ts';
export { capGradients } from './cap-gradients.ts';
export { type CheckedInput, checkIndices, checkInputs } from './check-inputs.ts';
export { rowsWritten } from './check-write.ts';
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
export { indexLimits } from './index-limits.ts';
export { inputOf, outputOf, tensorAt } from './operands.ts';
export type { OpDefinition } from './ops/definition.ts';
export { type OpName, opDefinition, opNames } from './ops/registry.ts';
export { adadelta } from './optimizers/adadelta.ts';
export { adagrad } from './optimizers/adagrad.ts';
export { adam } from './optimizers/adam.ts';
export type { Optimizer } from './optimizers/optimizer.ts';
export {
  type OptimizerKind,
  type OptimizerName,
  type OptimizerOptions,
  optimizers,
} from './optimizers/registry.ts';
export { rmsprop } from './optimizers/rmsprop.ts';
export { sgd } from './optimizers/sgd.ts';
export { appendNodes, gradientTensors, inlineRegions } from './rewrite.ts';
export { sharedVariables } from './shared-variables.ts';
export {
  type Attributes,
  type DType,
  describeShape,
  type Gradient,
  type Node,
  type Program,
  type Region,
  type RowGradient,
  type Shape,
  type Tensor,
  type Update,
  type Variable,
  type VariableKind,
} from './tensor.ts';
export { validateProgram } from './validate.ts';
export { valueNamed } from './value-named.ts';

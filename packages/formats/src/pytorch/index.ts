export {
  OriginalFormatError,
  type OriginalParameters,
  type ParameterValue,
  parseParameterFile,
} from './parameters.ts';
export { type OriginalTensor, type OriginalWeights, readOriginalWeights } from './read-original-weights.ts';
export { type MappedConfig, toConfig } from './to-config.ts';
export { type ImportedTensors, toTensors } from './to-tensors.ts';

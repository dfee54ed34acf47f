export {
  type MappedConfig,
  OriginalFormatError,
  type OriginalParameters,
  type ParameterValue,
  parseParameterFile,
  toConfig,
} from './parameters.ts';
export {
  type ImportedTensors,
  type OriginalTensor,
  type OriginalWeights,
  readOriginalWeights,
  toTensors,
} from './weights.ts';

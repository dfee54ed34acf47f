export { OriginalFormatError } from './original-format-error.ts';
export type { OriginalParameters, ParameterValue } from './parameter-value.ts';
export { parseParameterFile } from './parse-parameter-file.ts';
export { parseParameterString } from './parse-parameter-string.ts';
export { type OriginalTensor, type OriginalWeights, readOriginalWeights } from './read-original-weights.ts';
export { type MappedConfig, toConfig } from './to-config.ts';
export { type ImportedTensors, toTensors } from './to-tensors.ts';

export {
  type MappedConfig,
  OriginalFormatError,
  type OriginalParameters,
  type ParameterValue,
  parseParameterFile,
  toConfig,
} from './parameters.ts';

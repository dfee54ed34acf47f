export {
  type BuiltKernels,
  buildNativeKernels,
  type FoundKernels,
  findNativeKernels,
  NativeBuildError,
  type NativeBuildOptions,
  type NativePlaces,
  type NativeState,
} from './native-kernels.ts';

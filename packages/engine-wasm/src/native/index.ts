export {
  type BuiltKernels,
  buildNativeKernels,
  NativeBuildError,
  type NativeBuildOptions,
} from './build-native-kernels.ts';
export {
  type FoundKernels,
  findNativeKernels,
  type NativePlaces,
  type NativeState,
} from './find-native-kernels.ts';

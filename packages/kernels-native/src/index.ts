export {
  type FoundKernels,
  findNativeKernels,
  type NativePlaces,
  type NativeState,
} from './find-native-kernels.ts';

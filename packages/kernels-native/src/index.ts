export { findNativeKernels, type NativeState } from './find-native-kernels.ts';

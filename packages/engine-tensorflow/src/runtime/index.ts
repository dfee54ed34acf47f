export {
  type CacheEnvironment,
  cacheFolder,
  findRuntimes,
  type Places,
  type RuntimeCandidate,
} from './find-runtimes.ts';
export {
  type Answer,
  checkDevice,
  type Device,
  type DeviceCheck,
  type LoadedTensorFlow,
  loadRuntime,
  loadTensorFlow,
  prepareEnvironment,
} from './load-tensorflow.ts';
export { type SetUp, SetUpError, type SetUpOptions, setUpTensorFlow } from './set-up-tensorflow.ts';
export type {
  SavedModelBackend,
  TensorFlowModule,
  TensorFlowTensor,
  TensorInfo,
} from './tensorflow-module.ts';

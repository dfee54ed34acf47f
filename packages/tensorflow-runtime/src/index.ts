export { type CacheEnvironment, cacheFolder } from './cache-folder.ts';
export { findRuntimes, type Places } from './find-runtimes.ts';
export {
  checkDevice,
  type Device,
  type DeviceCheck,
  type LoadedTensorFlow,
  loadRuntime,
  loadTensorFlow,
  pickRuntime,
} from './load-tensorflow.ts';
export { prepareEnvironment } from './prepare-environment.ts';
export { type Answer, type Probed, probeRuntime } from './probe-runtime.ts';
export type { RuntimeCandidate } from './runtime-candidate.ts';
export type { RuntimeSource } from './runtime-manifest.ts';
export type { CommandLine } from './set-up/run-command.ts';
export { SetUpError } from './set-up/set-up-error.ts';
export { type SetUp, type SetUpOptions, setUpTensorFlow } from './set-up/set-up-tensorflow.ts';
export type { Tools } from './set-up/tools.ts';
export type {
  SavedModelBackend,
  TensorFlowModule,
  TensorFlowTensor,
  TensorInfo,
} from './tensorflow-module.ts';

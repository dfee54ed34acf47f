import { availableParallelism, homedir } from 'node:os';
import {
  cacheFolder,
  type Device,
  type LoadedTensorFlow,
  loadTensorFlow,
  type Places,
  prepareEnvironment,
} from '@gru4rec/tensorflow-runtime';

/** The folder with TensorFlow runtimes: GRU4REC_TENSORFLOW, or else the one that `gru4rec setup` uses. */
export function runtimePlaces(): Places {
  const { GRU4REC_TENSORFLOW: given, INIT_CWD } = process.env;
  const directory = INIT_CWD || process.cwd();
  return {
    folder: given || cacheFolder({ environment: process.env, home: homedir(), directory }),
    resolveFrom: directory,
  };
}

/**
 * Loads a TensorFlow runtime that computes on a device.
 * @throws EngineUnavailableError saying what was tried.
 */
export function loadForDevice(device: Device): LoadedTensorFlow {
  prepareEnvironment(process.env, availableParallelism());
  return loadTensorFlow({ device, ...runtimePlaces() });
}

/**
 * Loads one runtime for all given devices, because a process can load only one native library. If the GPU is among
 * them, that is the GPU runtime, which also computes on the CPU.
 *
 * @returns undefined if there are no devices.
 * @throws EngineUnavailableError saying what was tried.
 */
export function loadForDevices(devices: readonly Device[]): LoadedTensorFlow | undefined {
  if (devices.length === 0) return undefined;
  return loadForDevice(devices.includes('gpu') ? 'gpu' : 'cpu');
}

/** The text for a row: "TensorFlow 2.15.1, tfjs-node 4.22.0". */
export function describeRuntime({ tensorflowVersion, version }: LoadedTensorFlow): string {
  return `TensorFlow ${tensorflowVersion ?? 'of unknown version'}, tfjs-node ${version}`;
}

import { availableParallelism, homedir } from 'node:os';
import {
  cacheFolder,
  type Device,
  type LoadedTensorFlow,
  loadTensorFlow,
  type Places,
  prepareEnvironment,
} from '@gru4rec/tensorflow-runtime';

/** Where TensorFlow runtimes are looked for: the folder of GRU4REC_TENSORFLOW, else where `trainer setup` puts them. */
function runtimePlaces(): Places {
  const { GRU4REC_TENSORFLOW: given, INIT_CWD } = process.env;
  const directory = INIT_CWD || process.cwd();
  return {
    folder: given || cacheFolder({ environment: process.env, home: homedir(), directory }),
    resolveFrom: directory,
  };
}

/**
 * Loads a TensorFlow runtime that computes on a device.
 * @throws EngineUnavailableError telling what was tried.
 */
export function loadForDevice(device: Device): LoadedTensorFlow {
  prepareEnvironment(process.env, availableParallelism());
  return loadTensorFlow({ device, ...runtimePlaces() });
}

/**
 * Loads the one runtime that serves all of some devices: that of the GPU, which computes on the CPU, too, if it is among
 * them. A process takes one native library.
 *
 * @returns undefined if there are no devices.
 * @throws EngineUnavailableError telling what was tried.
 */
export function loadForDevices(devices: readonly Device[]): LoadedTensorFlow | undefined {
  if (devices.length === 0) return undefined;
  return loadForDevice(devices.includes('gpu') ? 'gpu' : 'cpu');
}

/** A runtime's words for a row: "TensorFlow 2.15.1, tfjs-node 4.22.0". */
export function describeRuntime({ tensorflowVersion, version }: LoadedTensorFlow): string {
  return `TensorFlow ${tensorflowVersion ?? 'of unknown version'}, tfjs-node ${version}`;
}

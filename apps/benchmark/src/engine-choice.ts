import { availableParallelism, homedir } from 'node:os';
import { createTensorFlowEngine } from '@gru4rec/engine-tensorflow';
import {
  cacheFolder,
  type Device,
  type LoadedTensorFlow,
  loadTensorFlow,
  type Places,
  prepareEnvironment,
} from '@gru4rec/engine-tensorflow/runtime';
import { createWasmEngine, type NativeKernels, type WasmEngine } from '@gru4rec/engine-wasm';
import { findNativeKernels } from '@gru4rec/engine-wasm/native';
import { type Engine, EngineUnavailableError } from '@gru4rec/program';

export const measuredEngines = ['wasm', 'tensorflow', 'cuda'] as const;
export const nativeChoices = ['native', 'avx512', 'avx2', 'neon'] as const;

export interface EngineChoice {
  /** Default: `wasm`. Threads and SIMD apply only to wasm. */
  readonly name?: (typeof measuredEngines)[number] | undefined;
  readonly threads?: number | undefined;
  readonly relaxed?: boolean | undefined;
  readonly kernels?: 'wasm' | (typeof nativeChoices)[number] | undefined;
}

function deviceOf({ name }: EngineChoice): Device | undefined {
  return name === 'tensorflow' ? 'cpu' : name === 'cuda' ? 'gpu' : undefined;
}

function nativeKernelsOf({ kernels }: EngineChoice): NativeKernels | undefined {
  if (kernels === undefined || kernels === 'wasm') return undefined;
  const state = findNativeKernels(kernels === 'native' ? undefined : kernels);
  if (state.kernels) return state.kernels;
  throw new EngineUnavailableError(`no native kernels: ${state.reason}`);
}

/** The wasm engine of a choice. @throws EngineUnavailableError if its kernels are missing or cannot be compiled. */
export function createChosenEngine(choice: EngineChoice): WasmEngine {
  const { threads, relaxed } = choice;
  return createWasmEngine({ threads, relaxed, native: nativeKernelsOf(choice) });
}

export function createMeasuredEngine(choice: EngineChoice): Engine {
  const device = deviceOf(choice);
  if (device === undefined) return createChosenEngine(choice);
  return createTensorFlowEngine({ tensorflow: loadForDevice(device).tensorflow, device });
}

export function describeChoice(choice: EngineChoice): string {
  const device = deviceOf(choice);
  if (device !== undefined) return `TensorFlow on the ${device.toUpperCase()}`;
  const { threads = 'default', relaxed } = choice;
  const simd = relaxed === undefined ? 'default SIMD' : relaxed ? 'relaxed SIMD' : 'plain SIMD';
  return `threads: ${threads}, ${nativeKernelsOf(choice)?.instructionSet ?? simd}`;
}

/** The folder with TensorFlow runtimes: GRU4REC_TENSORFLOW, or else the one that `gru4rec setup` uses. */
export function runtimePlaces(): Places {
  const { GRU4REC_TENSORFLOW: runtime, INIT_CWD } = process.env;
  const directory = INIT_CWD || process.cwd();
  const folder = runtime || cacheFolder({ environment: process.env, home: homedir(), directory });
  return { folder, resolveFrom: directory };
}

/** Loads a TensorFlow runtime that computes on a device. @throws EngineUnavailableError saying what was tried. */
export function loadForDevice(device: Device): LoadedTensorFlow {
  prepareEnvironment(process.env, availableParallelism());
  return loadTensorFlow({ device, ...runtimePlaces() });
}

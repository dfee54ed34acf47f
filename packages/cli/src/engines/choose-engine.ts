import { availableParallelism } from 'node:os';
import { UsageError } from '@gru4rec/checks';
import {
  checkDevice,
  type Device,
  type LoadedTensorFlow,
  loadRuntime,
  loadTensorFlow,
  type Places,
  prepareEnvironment,
  type RuntimeCandidate,
} from '@gru4rec/engine-tensorflow/runtime';
import { createWasmEngine, type NativeKernels, type WasmEngine } from '@gru4rec/engine-wasm';
import { findNativeKernels } from '@gru4rec/engine-wasm/native';
import type { EngineFacts } from '@gru4rec/model';
import { type Engine, EngineUnavailableError } from '@gru4rec/program';
import { createReferenceEngine } from '@gru4rec/program/interpreter';

/** Value of `--engine`; `auto` selects one of the others. */
export type EngineName = 'auto' | NamedEngine;

/** Name of an engine. */
export type NamedEngine = 'wasm' | 'tensorflow' | 'cuda' | 'reference';

/** Where TensorFlow is looked for, and what its library reads. */
export interface Surroundings {
  /** Folders that may contain runtimes; if not given, only those beside this package are found. */
  readonly places?: Places | undefined;
  /** `process.env`, in which what TensorFlow reads is set before it is loaded. */
  readonly environment?: Record<string, string | undefined> | undefined;
}

/** Options of an engine. */
export interface EngineOptions extends Surroundings {
  readonly threads?: number | undefined;
  /** Only for wasm; `auto` if not given. */
  readonly kernels?: KernelChoice | undefined;
}

/**
 * Kernels of the engine wasm: native ones, of one instruction set or the best, or WebAssembly's. `auto` is native where they
 * are built and the processor runs them, else wasm.
 */
export type KernelChoice = 'auto' | 'native' | 'wasm' | 'avx512' | 'avx2' | 'neon';

/** An engine, and other facts that the bits of a run depend on. */
export interface ChosenEngine {
  /** Never `auto`. */
  readonly name: NamedEngine;
  readonly engine: Engine;
  readonly facts: EngineFacts;
}

/** Names of all engines, the default first. */
export const engineNames: readonly EngineName[] = ['auto', 'wasm', 'tensorflow', 'cuda', 'reference'];

type Made = Omit<ChosenEngine, 'name'>;

const engines: Readonly<Record<NamedEngine, (options: EngineOptions) => Made | Promise<Made>>> = {
  wasm: makeWasmEngine,
  tensorflow: (surroundings) => loadOnto('cpu', surroundings),
  cuda: (surroundings) => loadOnto('gpu', surroundings),
  reference() {
    return { engine: createReferenceEngine(), facts: {} };
  },
};

/** @throws EngineUnavailableError if native kernels are asked for and cannot run here. */
export function makeWasmEngine(options: EngineOptions): Omit<Made, 'engine'> & {
  readonly engine: WasmEngine;
} {
  const { threads, kernels = 'auto' } = options;
  const native = chooseKernels(kernels);
  const engine = createWasmEngine({ ...(threads === undefined ? {} : { threads }), native });
  const { relaxed, instructionSet } = engine;
  const facts = { threads: engine.threads, relaxed, ...(instructionSet && { kernels: instructionSet }) };
  return { engine, facts };
}

function chooseKernels(choice: KernelChoice): NativeKernels | undefined {
  if (choice === 'wasm') return undefined;
  const state = findNativeKernels(choice === 'auto' || choice === 'native' ? undefined : choice);
  if (state.kernels || choice === 'auto') return state.kernels;
  throw new EngineUnavailableError(
    `engine wasm:${choice} expected native kernels, got none: ${state.reason}`,
  );
}

/**
 * Creates an engine. `auto` is CUDA if a GPU runtime is set up and a GPU responds, and wasm otherwise or if
 * threads or kernels are given. Without a GPU runtime, no native code is loaded.
 *
 * @throws EngineUnavailableError if the engine cannot run here.
 * @throws UsageError if it does not support the options.
 */
export async function chooseEngine(name: EngineName, options: EngineOptions = {}): Promise<ChosenEngine> {
  if (name !== 'auto') {
    refuseOptions(name, options);
    return { name, ...(await engines[name](options)) };
  }
  const runtime = wantsWasm(options) ? undefined : runtimeForGpu(options);
  if (!runtime) return { name: 'wasm', ...(await engines.wasm(options)) };
  return { name: 'cuda', ...(await onTensorFlow('gpu', options, () => loadRuntime(runtime))) };
}

/**
 * Returns the name of the engine that `chooseEngine` would create, for callers that create it in other processes.
 * @throws UsageError if it does not support the options.
 */
export function chooseEngineName(name: EngineName, options: EngineOptions = {}): NamedEngine {
  if (name !== 'auto') {
    refuseOptions(name, options);
    return name;
  }
  return wantsWasm(options) ? 'wasm' : runtimeForGpu(options) ? 'cuda' : 'wasm';
}

/**
 * Tries, in a separate process, what `chooseEngine` would load into this one, for callers that create the engine in other
 * processes. `chooseEngineName` has already tried the engine of `auto`.
 *
 * @throws EngineUnavailableError if the engine cannot run here, with the message of `chooseEngine`.
 */
export function checkEngine(name: EngineName, surroundings: Surroundings): void {
  const { places = {} } = surroundings;
  if (name !== 'tensorflow' && name !== 'cuda') return;
  const check = checkDevice(name === 'cuda' ? 'gpu' : 'cpu', places);
  if (!check.works) throw check.error;
}

/** Like `chooseEngine`, for callers that need only the engine. */
export async function createEngine(name: EngineName, options: EngineOptions = {}): Promise<Engine> {
  return (await chooseEngine(name, options)).engine;
}

/** The runtime of `auto`. If there is none, `gru4rec engines` shows why. */
function runtimeForGpu({ places = {} }: Surroundings): RuntimeCandidate | undefined {
  const check = checkDevice('gpu', places);
  return check.works ? check.runtime : undefined;
}

function loadOnto(device: Device, surroundings: Surroundings): Promise<Made> {
  return onTensorFlow(device, surroundings, () => loadTensorFlow({ device, ...surroundings.places }));
}

/** Keeps TensorFlow's library from writing to standard error, because errors are reported as exceptions. */
async function onTensorFlow(
  device: Device,
  { environment = {} }: Surroundings,
  load: () => LoadedTensorFlow,
): Promise<Made> {
  prepareEnvironment(environment, availableParallelism());
  const { tensorflow, tensorflowVersion, version } = load();
  const { createTensorFlowEngine } = await import('@gru4rec/engine-tensorflow');
  return {
    engine: createTensorFlowEngine({ tensorflow, device }),
    facts: { device, tensorflow: tensorflowVersion ?? `tfjs-node ${version}` },
  };
}

const withoutThreads: Readonly<Partial<Record<NamedEngine, string>>> = {
  tensorflow: 'which takes all cores',
  cuda: 'which computes on a GPU',
};

function wantsWasm({ threads, kernels = 'auto' }: EngineOptions): boolean {
  return threads !== undefined || kernels !== 'auto';
}

function refuseOptions(name: NamedEngine, { threads, kernels = 'auto' }: EngineOptions): void {
  if (name !== 'wasm' && kernels !== 'auto') {
    throw new UsageError(`kernels are for engine wasm, not for ${name}; got ${kernels}`);
  }
  if (threads === undefined) return;
  const why = withoutThreads[name];
  if (why !== undefined) throw new UsageError(`--threads is not for engine ${name}, ${why}; got ${threads}`);
  if (name === 'reference' && threads > 1) {
    throw new UsageError(`--threads expected 1 with engine reference, which has no threads, got ${threads}`);
  }
}

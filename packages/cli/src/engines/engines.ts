import { availableParallelism } from 'node:os';
import { resolve } from 'node:path';
import { createReferenceEngine } from '@gru4rec/engine-reference';
import { createWasmEngine, type NativeKernels, type WasmEngine } from '@gru4rec/engine-wasm';
import { findNativeKernels } from '@gru4rec/kernels-native';
import type { EngineFacts } from '@gru4rec/model';
import { type Engine, EngineUnavailableError } from '@gru4rec/program';
import {
  checkDevice,
  type Device,
  findRuntimes,
  type LoadedTensorFlow,
  loadRuntime,
  loadTensorFlow,
  type Places,
  pickRuntime,
  prepareEnvironment,
  type RuntimeCandidate,
} from '@gru4rec/tensorflow-runtime';
import { UsageError } from '../arguments/usage-error.ts';
import { userDirectory } from '../terminal/invocation.ts';
import { cacheFolder } from './cache-folder.ts';

/** Value of `--engine`; `auto` selects one of the others. */
export type EngineName = 'auto' | NamedEngine;

/** Name of an engine. */
export type NamedEngine = 'wasm' | 'tensorflow' | 'cuda' | 'reference';

/** Options of an engine on the command line. */
export interface EngineOptions {
  readonly threads?: number | undefined;
  /** Only for wasm; `auto` if not given. */
  readonly kernels?: KernelChoice | undefined;
}

/** Which kernels the wasm engine runs: native ones, of one instruction set or the best, or WebAssembly's. */
export const kernelChoices = ['auto', 'native', 'wasm', 'avx512', 'avx2', 'neon'] as const;

/** A name that `--kernels` takes. `auto` is native where they are built and the processor runs them, else wasm. */
export type KernelChoice = (typeof kernelChoices)[number];

/** An engine, and other facts that the bits of a run depend on. */
export interface ChosenEngine {
  /** Never `auto`. */
  readonly name: NamedEngine;
  readonly engine: Engine;
  readonly facts: EngineFacts;
}

/** Names of all engines, the default first. */
export const engineNames: readonly EngineName[] = ['auto', 'wasm', 'tensorflow', 'cuda', 'reference'];

/** An engine without its name. */
type Made = Omit<ChosenEngine, 'name'>;

const engines: Readonly<Record<NamedEngine, (options: EngineOptions) => Made | Promise<Made>>> = {
  wasm: makeWasmEngine,
  tensorflow() {
    return onTensorFlow(
      'cpu',
      loadQuietly(() => loadTensorFlow({ device: 'cpu', ...runtimePlaces() })),
    );
  },
  cuda() {
    return onTensorFlow(
      'gpu',
      loadQuietly(() => loadTensorFlow({ device: 'gpu', ...runtimePlaces() })),
    );
  },
  reference() {
    return { engine: createReferenceEngine(), facts: {} };
  },
};

/** @throws EngineUnavailableError if native kernels are asked for and cannot run here. */
export function makeWasmEngine({ threads, kernels = 'auto' }: EngineOptions): Made & { engine: WasmEngine } {
  const native = chooseKernels(kernels);
  const engine = createWasmEngine({ ...(threads === undefined ? {} : { threads }), native });
  const { relaxed, instructionSet } = engine;
  const facts = { threads: engine.threads, relaxed, ...(instructionSet && { kernels: instructionSet }) };
  return { engine, facts };
}

/** @throws EngineUnavailableError if native kernels are asked for and cannot run here. */
function chooseKernels(choice: KernelChoice): NativeKernels | undefined {
  if (choice === 'wasm') return undefined;
  const state = findNativeKernels(choice === 'auto' || choice === 'native' ? undefined : choice);
  if (state.kernels || choice === 'auto') return state.kernels;
  throw new EngineUnavailableError(`--kernels ${choice} expected native kernels, got none: ${state.reason}`);
}

/**
 * Creates the engine of a command line. `auto` is CUDA if a GPU runtime is set up and a GPU responds, and wasm otherwise or if
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
  const runtime = wantsWasm(options) ? undefined : runtimeForGpu();
  if (!runtime) return { name: 'wasm', ...(await engines.wasm(options)) };
  return {
    name: 'cuda',
    ...(await onTensorFlow(
      'gpu',
      loadQuietly(() => loadRuntime(runtime)),
    )),
  };
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
  return wantsWasm(options) ? 'wasm' : runtimeForGpu() ? 'cuda' : 'wasm';
}

/**
 * Tries, in a separate process, what `chooseEngine` would load into this one, for callers that create the engine in other
 * processes. `chooseEngineName` has already tried the engine of `auto`.
 *
 * @throws EngineUnavailableError if the engine cannot run here, with the message of `chooseEngine`.
 */
export async function checkEngine(name: EngineName): Promise<void> {
  if (name !== 'tensorflow' && name !== 'cuda') return;
  const check = await checkDevice(name === 'cuda' ? 'gpu' : 'cpu', runtimePlaces());
  if (!check.works) throw check.error;
}

/** Like `chooseEngine`, for callers that need only the engine. */
export async function createEngine(name: EngineName, options: EngineOptions = {}): Promise<Engine> {
  return (await chooseEngine(name, options)).engine;
}

/** Folders that may contain TensorFlow runtimes; GRU4REC_RUNTIME names one more. */
export function runtimePlaces(): Places {
  const [directory, named] = [userDirectory(), process.env['GRU4REC_RUNTIME']];
  const installedIn = named ? resolve(directory, named) : undefined;
  return { folder: cacheFolder(), resolveFrom: directory, installedIn };
}

function runtimeForGpu(): RuntimeCandidate | undefined {
  const places = runtimePlaces();
  if (!findRuntimes(places).some(({ gpu }) => gpu)) return undefined;
  try {
    return pickRuntime(places);
  } catch (error) {
    // `gru4rec engines` shows why; use wasm instead.
    if (error instanceof EngineUnavailableError) return undefined;
    throw error;
  }
}

/** Keeps TensorFlow's library from writing to standard error, because errors are reported as exceptions. */
function loadQuietly(load: () => LoadedTensorFlow): LoadedTensorFlow {
  prepareEnvironment(process.env, availableParallelism());
  return load();
}

async function onTensorFlow(device: Device, loaded: LoadedTensorFlow): Promise<Made> {
  const { createTensorFlowEngine } = await import('@gru4rec/engine-tensorflow');
  const { tensorflow, tensorflowVersion, version } = loaded;
  return {
    engine: createTensorFlowEngine({ tensorflow, device }),
    facts: { device, tensorflow: tensorflowVersion ?? `tfjs-node ${version}` },
  };
}

/** Why an engine does not support a number of threads. */
const withoutThreads: Readonly<Partial<Record<NamedEngine, string>>> = {
  tensorflow: 'which takes all cores',
  cuda: 'which computes on a GPU',
};

/** Whether options are those of the wasm engine. */
function wantsWasm({ threads, kernels = 'auto' }: EngineOptions): boolean {
  return threads !== undefined || kernels !== 'auto';
}

function refuseOptions(name: NamedEngine, { threads, kernels = 'auto' }: EngineOptions): void {
  if (name !== 'wasm' && kernels !== 'auto') {
    throw new UsageError(`--kernels is for engine wasm, not for ${name}; got ${kernels}`);
  }
  if (threads === undefined) return;
  const why = withoutThreads[name];
  if (why !== undefined) throw new UsageError(`--threads is not for engine ${name}, ${why}; got ${threads}`);
  if (name === 'reference' && threads > 1) {
    throw new UsageError(`--threads expected 1 with engine reference, which has no threads, got ${threads}`);
  }
}

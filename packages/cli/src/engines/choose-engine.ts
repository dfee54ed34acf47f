import { availableParallelism, homedir } from 'node:os';
import { resolve } from 'node:path';
import { UsageError } from '@gru4rec/checks';
import {
  cacheFolder as cacheFolderOf,
  checkDevice,
  type Device,
  type LoadedTensorFlow,
  loadTensorFlow,
  type Places,
  prepareEnvironment,
} from '@gru4rec/engine-tensorflow/runtime';
import { createWasmEngine, type NativeKernels } from '@gru4rec/engine-wasm';
import { findNativeKernels } from '@gru4rec/engine-wasm/native';
import type { EngineFacts } from '@gru4rec/model';
import { type Engine, EngineUnavailableError } from '@gru4rec/program';
import { createReferenceEngine } from '@gru4rec/program/interpreter';
import { userDirectory } from '../terminal/invocation.ts';

export { MOST_THREADS } from '@gru4rec/engine-wasm';

const names = ['wasm', 'tensorflow', 'cuda', 'reference'] as const;
/** If none is named, native where they run. */
const kernels = ['native', 'wasm', 'avx512', 'avx2', 'neon'] as const;

export type NamedEngine = (typeof names)[number];

export type EngineChoice = 'auto' | NamedEngine | `wasm:${(typeof kernels)[number]}`;

export const engineChoices: readonly EngineChoice[] = [
  'auto',
  ...names,
  ...kernels.map((kind) => `wasm:${kind}` as const),
];

export interface EngineOptions {
  readonly threads?: number | undefined;
  readonly places?: Places | undefined;
}

/** An engine, and other facts that the bits of a run depend on. */
export interface ChosenEngine {
  readonly name: NamedEngine;
  readonly engine: Engine;
  readonly facts: EngineFacts;
}

/**
 * `auto` is wasm, because no training has run on CUDA yet.
 * @throws EngineUnavailableError if the engine cannot run here.
 * @throws UsageError if it does not support the options.
 */
export async function chooseEngine(choice: EngineChoice, options: EngineOptions = {}): Promise<ChosenEngine> {
  const { threads, places = runtimePlaces() } = options;
  const [name, kind] = partsOf(choice);
  refuseThreads(name, threads);
  if (name === 'wasm') return onWasm(kind, threads);
  if (name === 'reference') return { name, engine: createReferenceEngine(), facts: {} };
  const device = name === 'cuda' ? 'gpu' : 'cpu';
  return onTensorFlow(name, device, () => loadTensorFlow({ device, ...places }));
}

export function chooseEngineName(choice: EngineChoice, options: EngineOptions = {}): NamedEngine {
  const [name] = partsOf(choice);
  refuseThreads(name, options.threads);
  return name;
}

/**
 * Tries, in a separate process, what `chooseEngine` would load into this one.
 * @throws EngineUnavailableError if the engine cannot run here, with the message of `chooseEngine`.
 */
export function checkEngine(choice: EngineChoice): void {
  if (choice !== 'tensorflow' && choice !== 'cuda') return;
  const check = checkDevice(choice === 'cuda' ? 'gpu' : 'cpu', runtimePlaces());
  if (!check.works) throw check.error;
}

export async function createEngine(choice: EngineChoice, options: EngineOptions = {}): Promise<Engine> {
  return (await chooseEngine(choice, options)).engine;
}

/** Folders that may contain TensorFlow runtimes; GRU4REC_RUNTIME names one more. */
export function runtimePlaces(): Places {
  const [directory, named] = [userDirectory(), process.env['GRU4REC_RUNTIME']];
  const installedIn = named ? resolve(directory, named) : undefined;
  return { folder: cacheFolder(), resolveFrom: directory, installedIn };
}

export function cacheFolder(environment: Readonly<Record<string, string | undefined>> = process.env): string {
  return cacheFolderOf({ environment, home: homedir(), directory: userDirectory(environment) });
}

function partsOf(choice: EngineChoice): [name: NamedEngine, kernels: string] {
  const [name, kind = 'auto'] = choice.split(':') as [NamedEngine | 'auto', string?];
  return [name === 'auto' ? 'wasm' : name, kind];
}

function onWasm(kind: string, threads: number | undefined): ChosenEngine {
  const native = chooseKernels(kind);
  const engine = createWasmEngine({ threads, native });
  const { relaxed, instructionSet } = engine;
  const facts = { threads: engine.threads, relaxed, ...(instructionSet && { kernels: instructionSet }) };
  return { name: 'wasm', engine, facts };
}

function chooseKernels(kind: string): NativeKernels | undefined {
  if (kind === 'wasm') return undefined;
  const state = findNativeKernels(kind === 'auto' || kind === 'native' ? undefined : kind);
  if (state.kernels || kind === 'auto') return state.kernels;
  throw new EngineUnavailableError(`engine wasm:${kind} expected native kernels, got none: ${state.reason}`);
}

/** Keeps TensorFlow's library from writing to standard error. */
async function onTensorFlow(
  name: NamedEngine,
  device: Device,
  load: () => LoadedTensorFlow,
): Promise<ChosenEngine> {
  prepareEnvironment(process.env, availableParallelism());
  const { tensorflow, tensorflowVersion, version } = load();
  const { createTensorFlowEngine } = await import('@gru4rec/engine-tensorflow');
  return {
    name,
    engine: createTensorFlowEngine({ tensorflow, device }),
    facts: { device, tensorflow: tensorflowVersion ?? `tfjs-node ${version}` },
  };
}

const withoutThreads: Readonly<Partial<Record<NamedEngine, string>>> = {
  tensorflow: 'which takes all cores',
  cuda: 'which computes on a GPU',
};

function refuseThreads(name: NamedEngine, threads: number | undefined): void {
  if (threads === undefined) return;
  const why = withoutThreads[name];
  if (why !== undefined) throw new UsageError(`--threads is not for engine ${name}, ${why}; got ${threads}`);
  if (name === 'reference' && threads > 1) {
    throw new UsageError(`--threads expected 1 with engine reference, which has no threads, got ${threads}`);
  }
}

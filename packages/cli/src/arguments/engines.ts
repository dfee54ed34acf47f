import { homedir } from 'node:os';
import { resolve } from 'node:path';
import { cacheFolder as cacheFolderOf } from '@gru4rec/engine-tensorflow/runtime';
import type { Engine } from '@gru4rec/program';
import * as engines from '../engines/index.ts';
import { userDirectory } from '../terminal/invocation.ts';

export type EngineChoice = engines.EngineName | `wasm:${(typeof kinds)[number]}`;

const kinds = ['native', 'wasm', 'avx512', 'avx2', 'neon'] as const;

/** Values of `--engine`, the default first. */
export const engineChoices: readonly EngineChoice[] = [
  ...engines.engineNames,
  ...kinds.map((kind) => `wasm:${kind}` as const),
];

export function partsOf(choice: EngineChoice): { name: engines.EngineName; kernels: engines.KernelChoice } {
  const [name, kernels = 'auto'] = choice.split(':') as [engines.EngineName, engines.KernelChoice?];
  return { name, kernels };
}

// The functions of `engines`, with the runtimes and the environment of this process.

export function chooseEngine(choice: EngineChoice, threads?: number): Promise<engines.ChosenEngine> {
  return engines.chooseEngine(partsOf(choice).name, optionsOf(choice, threads));
}

export function chooseEngineName(choice: EngineChoice, threads?: number): engines.NamedEngine {
  return engines.chooseEngineName(partsOf(choice).name, optionsOf(choice, threads));
}

export async function createEngine(choice: EngineChoice, threads?: number): Promise<Engine> {
  return (await chooseEngine(choice, threads)).engine;
}

function optionsOf(choice: EngineChoice, threads?: number): engines.EngineOptions {
  const { kernels } = partsOf(choice);
  return { threads, kernels, places: runtimePlaces(), environment: process.env };
}

/** Folders that may contain TensorFlow runtimes; GRU4REC_RUNTIME names one more. */
export function runtimePlaces(): NonNullable<engines.Surroundings['places']> {
  const [directory, named] = [userDirectory(), process.env['GRU4REC_RUNTIME']];
  const installedIn = named ? resolve(directory, named) : undefined;
  return { folder: cacheFolder(), resolveFrom: directory, installedIn };
}

/** Folder for runtimes, which are set up once and used by every run. */
export function cacheFolder(environment: Readonly<Record<string, string | undefined>> = process.env): string {
  return cacheFolderOf({ environment, home: homedir(), directory: userDirectory(environment) });
}

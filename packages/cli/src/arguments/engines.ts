import { homedir } from 'node:os';
import { resolve } from 'node:path';
import * as engines from '@gru4rec/engines';
import { cacheFolder as cacheFolderOf } from '@gru4rec/tensorflow-runtime';
import { userDirectory } from '../terminal/invocation.ts';

// The functions of `engines`, with the runtimes and the environment of this process.

/** Like that of `@gru4rec/engines`. */
export const chooseEngine: typeof engines.chooseEngine = (name, options) =>
  engines.chooseEngine(name, optionsOf(options));

/** Like that of `@gru4rec/engines`. */
export const chooseEngineName: typeof engines.chooseEngineName = (name, options) =>
  engines.chooseEngineName(name, optionsOf(options));

/** Like that of `@gru4rec/engines`. */
export const createEngine: typeof engines.createEngine = (name, options) =>
  engines.createEngine(name, optionsOf(options));

/** The options among the arguments of a command, and the surroundings of this process. */
function optionsOf({ threads, kernels }: engines.EngineOptions = {}): engines.EngineOptions {
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

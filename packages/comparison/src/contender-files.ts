import { readFile } from 'node:fs/promises';
import { resolve } from 'node:path';
import { isPreset, type ModelConfig, parseConfig, readModel, type StoredModel } from '@gru4rec/model';
import { loadScorerFactory, type ScorerFactory } from './own-scorer.ts';

/** Reads the configurations, model folders and modules that contenders name. */
export interface ContenderFiles {
  /** Reads a configuration and overrides some of its keys. */
  readonly readConfig: (file: string, settings: Readonly<Record<string, unknown>>) => Promise<ModelConfig>;
  /** Reads the folder of a trained model. */
  readonly readModel: (folder: string) => Promise<StoredModel>;
  /** Loads the factory of a module. */
  readonly readFactory: (file: string) => Promise<ScorerFactory>;
}

/** The readers of a program: JSON files, presets, model folders and modules by their paths. */
export const plainFiles: ContenderFiles = {
  readConfig: async (file, settings) => {
    const written = isPreset(file) ? { preset: file } : JSON.parse(await readFile(file, 'utf8'));
    return parseConfig({ ...written, ...settings });
  },
  readModel: (folder) => readModel(folder),
  readFactory: (file) => loadScorerFactory(resolve(file), file),
};

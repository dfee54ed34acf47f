import { readFile } from 'node:fs/promises';
import { type ModelConfig, parseConfig, readModel, type StoredModel } from '@gru4rec/model';

/** Reads what contenders name. */
export interface ContenderFiles {
  /** Reads a configuration and overrides some of its keys. */
  readonly readConfig: (file: string, settings: Readonly<Record<string, unknown>>) => Promise<ModelConfig>;
  /** Reads the folder of a trained model. */
  readonly readModel: (folder: string) => Promise<StoredModel>;
}

/** Reads JSON files and model folders by their paths. */
export const plainFiles: ContenderFiles = {
  readConfig: async (file, settings) =>
    parseConfig({ ...JSON.parse(await readFile(file, 'utf8')), ...settings }),
  readModel: (folder) => readModel(folder),
};

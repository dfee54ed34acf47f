import { join } from 'node:path';
import { replaceFile } from '@gru4rec/durable-files';
import { configDefaults, type ModelConfig } from '@gru4rec/model';
import type { StudyData } from './data-sets.ts';
import type { MethodResult } from './describe-section.ts';
import { modelConfig } from './fit.ts';

/**
 * Writes what the methods were tuned to: a configuration per GRU4Rec, `DATA-METHOD.json`, and the options of all baselines
 * as contenders of `compare`, `DATA-baselines.json`.
 */
export async function writeConfigs(
  folder: string,
  { name, tune }: StudyData,
  results: readonly MethodResult[],
): Promise<void> {
  const tunedOn = tune.manifest.files['validation.arrow']?.sha256 ?? '';
  const contenders: Record<string, string> = {};
  for (const { method, values = {} } of results) {
    if (method?.family === 'baseline') {
      const options = Object.keys(values).length === 0 ? '' : `:${JSON.stringify(values)}`;
      contenders[method.title] = `${method.name}${options}`;
    }
    if (method?.family !== 'gru4rec') continue;
    const { seed: _, ...config }: ModelConfig = { ...modelConfig(method, values), tunedOn };
    const changed = Object.entries(config).filter(
      ([key, value]) => JSON.stringify(value) !== JSON.stringify(configDefaults[key as keyof ModelConfig]),
    );
    await write(join(folder, `${name}-${method.id}.json`), Object.fromEntries(changed));
  }
  await write(join(folder, `${name}-baselines.json`), contenders);
}

async function write(file: string, value: object): Promise<void> {
  await replaceFile(file, [Buffer.from(`${JSON.stringify(value, undefined, 2)}\n`)]);
}

import { basename, resolve } from 'node:path';
import { didYouMean } from '@gru4rec/checked-options';
import { ConfigError, isPreset, type ModelConfig, parseConfig, presets } from '@gru4rec/model';
import { readSettingsText } from './read-bounded.ts';

/**
 * Reads a configuration and overrides some of its keys.
 *
 * @param file - JSON, or the name of a preset; undefined for the defaults.
 * @throws ConfigError naming the file and the allowed values.
 */
export async function readConfig(
  file: string | undefined,
  settings: Readonly<Record<string, unknown>>,
): Promise<ModelConfig> {
  if (file === undefined) return parseConfig(settings);
  if (isPreset(file)) return parseConfig({ preset: file, ...settings });
  const written = await readJson(file);
  try {
    if (!isObject(written)) return parseConfig(written);
    return parseConfig({ ...written, ...settings });
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error;
    throw new ConfigError(`${file}: ${error.message}`, { unknownKeys: error.unknownKeys });
  }
}

/** The absolute path of the file of `--config`, or the name of a preset as it is. */
export function configPath(directory: string, given: string): string {
  return isPreset(given) ? given : resolve(directory, given);
}

async function readJson(file: string): Promise<unknown> {
  const text = await readSettingsText(file).catch((cause) => {
    const question = didYouMean([basename(file)], Object.keys(presets));
    throw new Error(`${question}The configuration ${file} cannot be read`, { cause });
  });
  try {
    return JSON.parse(text.replace(/^\uFEFF/, ''));
  } catch (cause) {
    throw new ConfigError(`The configuration ${file} is not JSON`, { cause });
  }
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

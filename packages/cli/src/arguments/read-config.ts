import { basename, resolve } from 'node:path';
import { didYouMean } from '@gru4rec/checked-options';
import { parseParameterFile, toConfig } from '@gru4rec/import-gru4rec';
import { ConfigError, isPreset, type ModelConfig, parseConfig, presets } from '@gru4rec/model';
import { MAX_SETTINGS_BYTES, readBoundedText, readSettingsText } from './read-bounded.ts';

/**
 * Reads a configuration and overrides some of its keys.
 *
 * @param file - JSON, the name of a preset, or a parameter file of the authors (`.py`), which is never run.
 * @param onNote - gets notes about the conversion of the authors' parameters.
 * @throws ConfigError or OriginalFormatError naming the file and the allowed values.
 */
export async function readConfig(
  file: string | undefined,
  settings: Readonly<Record<string, unknown>>,
  onNote?: (note: string) => void,
): Promise<ModelConfig> {
  if (file === undefined) return parseConfig(settings);
  if (file.endsWith('.py')) {
    const { config, notes } = toConfig(parseParameterFile(await readPython(file), file));
    for (const note of notes) onNote?.(note);
    return parseConfig({ ...config, ...settings });
  }
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

async function readPython(file: string): Promise<string> {
  return readBoundedText(file, MAX_SETTINGS_BYTES).catch((cause) => {
    throw new Error(`The parameter file ${file} cannot be read`, { cause });
  });
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

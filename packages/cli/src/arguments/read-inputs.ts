import { constants, existsSync } from 'node:fs';
import { type FileHandle, open } from 'node:fs/promises';
import { basename, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { didYouMean, UsageError } from '@gru4rec/checks';
import * as sessions from '@gru4rec/dataset';
import { readItemInfo, type SessionDataset } from '@gru4rec/dataset';
import { type ItemIds, ItemIdTable } from '@gru4rec/dataset/ids';
import { ITEM_INFO_FILE, ItemInfoTable } from '@gru4rec/dataset/items';
import { parseParameterFile, toConfig } from '@gru4rec/formats/pytorch';
import type { ItemVectors } from '@gru4rec/metrics';
import * as model from '@gru4rec/model';
import { ConfigError, isPreset, type ModelConfig, parseConfig, presets } from '@gru4rec/model';
import * as recommender from '@gru4rec/recommender';
import { readRecommenderItemInfo } from '@gru4rec/recommender';
import { reading } from '../terminal/describe-error.ts';
import type { Output } from '../terminal/terminal.ts';

// Unexpected errors name the folder.

function named<Folder extends string | URL, More extends unknown[], T>(
  read: (folder: Folder, ...more: More) => Promise<T>,
) {
  return (folder: Folder, ...more: More) => reading(String(folder), () => read(folder, ...more));
}

export const loadRecommender: typeof recommender.loadRecommender = named(recommender.loadRecommender);
export const readModel: typeof model.readModel = named(model.readModel);
export const readSnapshot: typeof model.readSnapshot = named(model.readSnapshot);
export const readDataset: typeof sessions.readDataset = named(sessions.readDataset);
export const openDataset: typeof sessions.openDataset = named(sessions.openDataset);
export const readManifest: typeof sessions.readManifest = named(sessions.readManifest);

/** The vectors of the items of a model, which baselines lack. */
export function vectorsFor(option: string, { live }: recommender.Recommender): ItemVectors {
  if (live.vectors) return live.vectors;
  throw new UsageError(`${option} expected a model whose items have vectors, got baselines only`);
}

/** Undefined if the folder records nothing about its items. */
export async function readItemInfoOf(folder: string, itemIds: ItemIds): Promise<ItemInfoTable | undefined> {
  return tableOf(await readRecommenderItemInfo(folder), itemIds, folder);
}

/** Undefined if the dataset records nothing about its items. */
export async function readItemInfoOfData(
  folder: string,
  { itemIds, manifest }: Pick<SessionDataset, 'itemIds' | 'manifest'>,
): Promise<ItemInfoTable | undefined> {
  return tableOf(await readItemInfo(folder, manifest), itemIds, folder);
}

function tableOf(bytes: Uint8Array | undefined, itemIds: ItemIds, folder: string): ItemInfoTable | undefined {
  return bytes && ItemInfoTable.of(bytes, ItemIdTable.of(itemIds), join(folder, ITEM_INFO_FILE));
}

/** `file`: JSON, a preset, or a parameter file of the authors (`.py`), never run; `stderr` gets notes about its conversion. */
export async function readConfig(
  file: string | undefined,
  settings: Readonly<Record<string, unknown>>,
  stderr?: Output,
): Promise<ModelConfig> {
  if (file === undefined) return parseConfig(settings);
  if (file.endsWith('.py')) {
    const text = await readBoundedText(file, MAX_SETTINGS_BYTES).catch((cause) => {
      throw new Error(`The parameter file ${file} cannot be read`, { cause });
    });
    const { config, notes } = toConfig(parseParameterFile(text, file));
    for (const note of notes) stderr?.write(`Note: ${note}\n`);
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

export function configPath(directory: string, name: string): string {
  return isPreset(name) ? name : resolve(directory, name);
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

export const MAX_SETTINGS_BYTES: number = 1 << 20;
export const shippedConfigs: URL = new URL('../../configs/', import.meta.url);

/** Open file descriptors: a pipe there has a writer, so reading ends. */
const handedOver = /^\/(dev\/(stdin|fd\/\d+)|proc\/(self|\d+)\/fd\/\d+)$/;

/** Refuses folders, devices and named pipes, which may never end, but not `/dev/stdin` and `<(…)`. The caller closes it. */
export async function openInput(file: string): Promise<FileHandle> {
  const isHandedOver = handedOver.test(file);
  // Opening a named pipe would wait for its writer.
  const nonBlocking = isHandedOver ? 0 : (constants.O_NONBLOCK ?? 0);
  const handle = await open(file, constants.O_RDONLY | nonBlocking);
  try {
    const stats = await handle.stat();
    if (stats.isDirectory()) throw new Error('it is a folder, not a file');
    if (!stats.isFile() && !isHandedOver) throw new Error('it is a pipe or device, not a file');
    return handle;
  } catch (error) {
    await handle.close();
    throw error;
  }
}

export async function readBoundedText(file: string, most: number): Promise<string> {
  const handle = await openInput(file);
  try {
    const { size } = await handle.stat();
    if (size > most) throw tooLarge(most);
    if (size > 0) return await handle.readFile('utf8');
    // Pipes and files of /proc have size 0, whatever their content.
    const chunks: Buffer[] = [];
    let length = 0;
    for await (const chunk of handle.createReadStream({ autoClose: false })) {
      chunks.push(chunk as Buffer);
      length += (chunk as Buffer).length;
      if (length > most) throw tooLarge(most);
    }
    return Buffer.concat(chunks).toString('utf8');
  } finally {
    await handle.close();
  }
}

/** A missing `…/configs/NAME` is the one that comes with this package, if it has it. */
export async function readSettingsText(file: string): Promise<string> {
  const [, name] = /[\\/]configs[\\/]([\w/\\-]+\.json)$/.exec(file) ?? [];
  const shipped =
    name === undefined ? '' : fileURLToPath(new URL(name.replaceAll('\\', '/'), shippedConfigs));
  const isShipped = shipped !== '' && !existsSync(file) && existsSync(shipped);
  return await readBoundedText(isShipped ? shipped : file, MAX_SETTINGS_BYTES);
}

function tooLarge(most: number): Error {
  return new Error(`it has more than ${most / 2 ** 20} MiB`);
}

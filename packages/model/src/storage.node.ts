import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { readModelFile } from './storage/model-file.ts';
import { readFolderItemInfo, readModelFolder } from './storage/model-folder.ts';
import type { StoredModel } from './storage/stored-model.ts';
import {
  type FetchOptions,
  type ReadOptions,
  readWebItemInfo,
  readWebModel,
  WEB_MANIFEST,
  type WebSource,
  withFetchedFiles,
} from './storage/web-model.ts';

export { saveModel } from './storage/model-folder.ts';
export { readSnapshot, readSnapshotHistory, saveSnapshot } from './storage/snapshot-folder.ts';

/** Reads a model folder, or a model for the web from its folder or URL, and checks all of it; see `loadModel`. */
export async function readModel(location: string | URL, options: ReadOptions = {}): Promise<StoredModel> {
  const web = await readWeb(location, options, readWebModel);
  return web ? web.result : readModelFolder(String(location), options);
}

/** Reads the bytes of `item-info.jsonl` (fresh), which `readModel` does not read; undefined if the model has none. */
export async function readModelItemInfo(
  location: string | URL,
  options: FetchOptions = {},
): Promise<Uint8Array | undefined> {
  const web = await readWeb(location, options, readWebItemInfo);
  return web ? web.result : readFolderItemInfo(String(location));
}

/** Undefined if it is another folder. */
async function readWeb<T>(
  location: string | URL,
  options: FetchOptions,
  read: (source: WebSource) => Promise<T>,
): Promise<{ readonly result: T } | undefined> {
  if (location instanceof URL || /^https?:\/\//.test(location)) {
    return { result: await withFetchedFiles(location, options, read) };
  }
  if (!existsSync(join(location, WEB_MANIFEST))) return undefined;
  const result = await read({
    describe: (name) => join(location, name),
    read: async (name, most) => (await readModelFile(location, name, most)).bytes,
  });
  return { result };
}

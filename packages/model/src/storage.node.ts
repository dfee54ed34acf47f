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

/**
 * Reads a model folder, or a model for the web from its folder or URL, and checks all of it.
 * @param location - a path, or the URL of a model for the web.
 * @param options - what is read, and when fetching from a URL ends.
 * @throws ModelError naming the file: missing, foreign, another version, truncated or altered (checksum), larger than a model can
 *   be, or with tensors that do not fit the configuration; or the URL whose files did not come in `timeoutMs`.
 */
export async function readModel(location: string | URL, options: ReadOptions = {}): Promise<StoredModel> {
  const web = await readWeb(location, options, readWebModel);
  return web ? web.result : readModelFolder(String(location), options);
}

/**
 * Reads what a model records about its items, which `readModel` does not read.
 * @param location - as for `readModel`.
 * @param options - as for `readModel`.
 * @returns the bytes of `item-info.jsonl`, fresh; undefined if the model has none.
 */
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

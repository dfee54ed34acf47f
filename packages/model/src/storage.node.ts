import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { fetchedFiles } from './storage/fetched-files.ts';
import { readModelFile } from './storage/model-file.ts';
import { readFolderItemInfo, readModelFolder } from './storage/model-folder.ts';
import { MAX_MANIFEST_BYTES, modelLimits } from './storage/model-limits.ts';
import type { StoredModel } from './storage/stored-model.ts';
import { readWebItemInfo, readWebModel, WEB_MANIFEST, type WebSource } from './storage/web-model.ts';

export { readItems } from './storage/arrow-files.ts';
export { saveModel } from './storage/model-folder.ts';
export { readSnapshot, readSnapshotHistory, saveSnapshot } from './storage/snapshot-folder.ts';

/**
 * Reads a model folder, or a model for the web from its folder or URL, and checks all of it.
 *
 * @param location - a path, or the URL of a model for the web.
 * @throws ModelError naming the file: missing, foreign, another version, truncated or altered (checksum), larger than a
 *   model can be, or with tensors that do not fit the configuration.
 */
export async function readModel(location: string | URL): Promise<StoredModel> {
  const source = webSource(location);
  return source ? withSlots(await readWebModel(source)) : readModelFolder(String(location));
}

/**
 * Reads what a model records about its items, which `readModel` does not read.
 *
 * @param location - as for `readModel`.
 * @returns the bytes of `item-info.jsonl`, fresh; undefined if the model has none.
 * @throws ModelError naming the file.
 */
export async function readModelItemInfo(location: string | URL): Promise<Uint8Array | undefined> {
  const source = webSource(location);
  return source ? readWebItemInfo(source) : readFolderItemInfo(String(location));
}

/** The files of a model for the web; undefined for another folder. */
function webSource(location: string | URL): WebSource | undefined {
  if (location instanceof URL || /^https?:\/\//.test(location)) return fetchedFiles(location);
  if (!existsSync(join(location, WEB_MANIFEST))) return undefined;
  return {
    describe: (name) => join(location, name),
    read: async (name, file) =>
      (await readModelFile(location, name, file?.bytes ?? MAX_MANIFEST_BYTES)).bytes,
  };
}

/** A model with the optimiser slots that a model folder must have, as zeros. */
function withSlots(model: StoredModel): StoredModel {
  const known = new Map(model.tensors.map((tensor) => [tensor.name, tensor]));
  const { variables } = modelLimits(WEB_MANIFEST, model.config, model.itemIds.length);
  const tensors = variables.map(
    ({ name, kind, rows, cols }) =>
      known.get(name) ?? { name, kind, rows, cols, values: new Float32Array(rows * cols) },
  );
  return { ...model, tensors };
}

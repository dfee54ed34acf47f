import { resolve } from 'node:path';
import type { StoredModel } from '@gru4rec/model';
import { readModel } from '../arguments/read-inputs.ts';
import { readItemInfoOf } from '../arguments/read-item-info.ts';
import type { Terminal } from '../terminal/terminal.ts';
import { describeModel } from './describe-model.ts';

/** The arguments of `inspect` for a model. */
export interface ModelArguments {
  json: boolean;
  log: string | undefined;
}

/**
 * Describes a model in one screen, and draws its training. A training that has not ended has a log and no model.
 *
 * @param folder - as the user wrote it; undefined for a page of the log only.
 * @param page - file to write, whose place was checked.
 */
export async function inspectModel(
  folder: string | undefined,
  { json, log }: ModelArguments,
  page: string | undefined,
  terminal: Terminal,
): Promise<void> {
  const stored = folder === undefined ? undefined : await printModel(folder, json, terminal);
  if (page === undefined) return;
  // Loaded only here, because the library of its charts takes a second to load.
  const { writeTrainingPage } = await import('../training/training-page.ts');
  await writeTrainingPage(page, {
    model: stored && { name: folder ?? '', ...stored },
    log: log === undefined ? undefined : resolve(terminal.directory, log),
    title: folder ?? log ?? '',
  });
}

/** Prints what a model is. */
async function printModel(
  folder: string,
  json: boolean,
  { directory, stdout }: Terminal,
): Promise<StoredModel> {
  const path = resolve(directory, folder);
  const stored = await readModel(path);
  const { config, history, dataset } = stored;
  const info = await readItemInfoOf(path, stored.itemIds);
  const { text, parameters, memory } = describeModel(stored, folder, info);
  const items = stored.itemIds.length;
  const itemInfo = info && { items: info.size, titles: info.hasTitles, groups: info.hasGroups };
  const optional = { ...(dataset ? { dataset } : {}), ...(itemInfo ? { itemInfo } : {}) };
  if (json) stdout.writeJson({ config, items, parameters, memory, history, ...optional });
  else stdout.write(text);
  return stored;
}

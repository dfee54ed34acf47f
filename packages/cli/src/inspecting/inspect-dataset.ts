import { resolve } from 'node:path';
import { replaceFile } from '@gru4rec/durable-files';
import { createEngine } from '../arguments/engines.ts';
import { readDataset } from '../arguments/read-inputs.ts';
import { readItemInfoOfData } from '../arguments/read-item-info.ts';
import { printable } from '../terminal/printable.ts';
import type { Terminal } from '../terminal/terminal.ts';
import { formatInspection } from './format-inspection.ts';
import { inspectData } from './inspect-data.ts';

/** The arguments of `inspect` for a dataset. */
export interface DatasetArguments {
  html: string | undefined;
  json: boolean;
  order: boolean;
}

/** Sessions on which it is measured whether order matters: a minute at most on two cores. */
const LIMITS = { train: 20_000, test: 2_000 };

/**
 * Describes a dataset, with advice on what was found.
 *
 * @param folder - as the user wrote it.
 * @param page - file to write, whose place was checked.
 */
export async function inspectDataset(
  folder: string,
  { json, order }: DatasetArguments,
  page: string | undefined,
  { directory, stdout }: Terminal,
): Promise<void> {
  const options = {
    name: printable(folder),
    engine: order ? await createEngine('auto') : undefined,
    limits: LIMITS,
  };
  const path = resolve(directory, folder);
  const data = await readDataset(path);
  const itemInfo = await readItemInfoOfData(path, data);
  const found = await inspectData(data, { ...options, itemInfo });
  if (page !== undefined) {
    // Loaded only here, because the library of its charts takes a second to load.
    const { inspectionHtml } = await import('@gru4rec/report/pages');
    await replaceFile(page, [Buffer.from(inspectionHtml(found))]);
  }
  if (json) stdout.writeJson(found);
  else stdout.write(formatInspection(found));
}

import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { checkJson } from '@gru4rec/checks/json';
import { replaceFile } from '@gru4rec/durable-files';
import { z } from 'zod';
import { readModel } from '../arguments/read-inputs.ts';

const figures = z.object({ recall: z.number(), mrr: z.number() });

/** What is known of a version, in `VERSION.json` beside its folder. */
const recordSchema = z.object({
  version: z.string(),
  /** Trained from the beginning, or continued from another version. */
  how: z.enum(['trained', 'continued']),
  from: z.string().optional(),
  /** Checksum of the dataset. */
  dataset: z.string(),
  /** Sessions that began since, and are held out, are learnt by no version that continues this one. */
  heldOutFromMs: z.number(),
  verdict: figures
    .extend({
      sessions: z.number(),
      predictions: z.number(),
      before: figures,
      p: figures,
      isWorse: z.boolean(),
    })
    .optional(),
  /** False until the version is current, or refused for good. */
  isDone: z.boolean(),
});

export type VersionRecord = z.output<typeof recordSchema>;

const fileOf = (models: string, version: string) => join(models, `${version}.json`);

export async function writeRecord(models: string, record: VersionRecord): Promise<void> {
  await replaceFile(fileOf(models, record.version), [Buffer.from(`${JSON.stringify(record, null, 2)}\n`)]);
}

/** Records a version that `train` made from the dataset as it is. */
export async function recordTrained(models: string, version: string): Promise<void> {
  const { dataset } = await readModel(join(models, version));
  if (dataset?.lastMs === undefined) return;
  await writeRecord(models, {
    ...{ version, how: 'trained', dataset: dataset.checksum, heldOutFromMs: dataset.lastMs, isDone: true },
  });
}

/** Undefined if the version has none, as one that another program wrote. */
export function readRecord(models: string, version: string): VersionRecord | undefined {
  const file = fileOf(models, version);
  if (!existsSync(file)) return undefined;
  return checkJson(recordSchema, JSON.parse(readFileSync(file, 'utf8')), ({ path, expected, got }) => {
    return new Error(`"${path}" expected ${expected}, got ${got}, at ${file}. Remove the file`);
  });
}

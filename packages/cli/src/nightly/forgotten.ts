import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { replaceFile } from '@gru4rec/durable-files';
import { count } from '../terminal/progress.ts';
import { readRecord } from './records.ts';

/** When (ISO 8601, UTC) and for how many ids; never the ids. */
type Forgotten = readonly { readonly date: string; readonly ids: number }[];

const fileOf = (models: string) => join(models, 'forgotten.json');

const readForgotten = (models: string): Forgotten =>
  existsSync(fileOf(models)) ? JSON.parse(readFileSync(fileOf(models), 'utf8')) : [];

export async function recordForgotten(models: string, ids: number): Promise<void> {
  const all = [...readForgotten(models), { date: new Date().toISOString(), ids }];
  await replaceFile(fileOf(models), [Buffer.from(`${JSON.stringify(all, null, 2)}\n`)]);
}

/** What a version may have learnt of what was forgotten since its training began, in one line; empty for nothing. */
export function describeForgotten(models: string, version: string): string {
  let first = version;
  for (let from: string | undefined = version; from !== undefined; from = readRecord(models, from)?.from)
    first = from;
  // Its name is the minute when that began.
  const began = first.replace(/T(\d\d)(\d\d)Z.*/, 'T$1:$2');
  const later = readForgotten(models).filter(({ date }) => date > began);
  const days = later.map(({ date, ids }) => `${date.slice(0, 10)} (${count(ids, 'id')})`).join(', ');
  return (
    days &&
    `${version} was trained before sessions were forgotten, on ${days}: what it learnt of them stays until a model is trained anew\n`
  );
}

import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { checkJson } from '@gru4rec/checks/json';
import { followPointer, HeldError, lockOutput, pointTo, replaceFile } from '@gru4rec/durable-files';
import { z } from 'zod';
import { readModel } from '../arguments/read-inputs.ts';
import { count } from '../terminal/progress.ts';

export const POINTER = 'current';
const VERSION = /^\d{4}-\d\d-\d\dT\d{4}Z(-\d+)?$/;
const CHECKPOINTS = '.checkpoints';

/** Oldest first. */
export function versionsIn(models: string): string[] {
  return inOrder(existsSync(models) ? readdirSync(models) : []);
}

function inOrder(names: readonly string[]): string[] {
  const placeOf = (name: string) =>
    name.replace(/Z(?:-(\d+))?$/, (_, number = '1') => `Z${number.padStart(6, '0')}`);
  return names.filter((name) => VERSION.test(name)).sort((a, b) => (placeOf(a) < placeOf(b) ? -1 : 1));
}

export function currentVersion(models: string): string | undefined {
  const pointer = join(models, POINTER);
  return existsSync(pointer) ? basename(followPointer(pointer)) : undefined;
}

/** Runs `change` while no other process changes the pointer or removes versions, which takes milliseconds. */
export async function changeVersions<Result>(models: string, change: () => Promise<Result>): Promise<Result> {
  for (let tries = 200; ; tries--) {
    try {
      const unlock = lockOutput(join(models, POINTER), 'a change');
      return await change().finally(unlock);
    } catch (error) {
      if (!(error instanceof HeldError) || tries === 0) throw error;
      await setTimeout(50);
    }
  }
}

/**
 * Makes a version current, unless another one than `before` became so meanwhile.
 * @returns a line about that one; undefined if the version is current.
 */
export function makeCurrent(
  models: string,
  version: string,
  before: string | undefined,
): Promise<string | undefined> {
  return changeVersions(models, async () => {
    const current = currentVersion(models) ?? before;
    if (current !== before && current !== version) {
      return `${current} became current meanwhile, and stays; rollback ${version} makes ${version} current`;
    }
    if (!existsSync(join(models, version))) throw new Error(`${version} was removed meanwhile. See models`);
    await pointTo(join(models, POINTER), version);
    return undefined;
  });
}

/**
 * A name by the time, to the minute in UTC, behind all others. With `resumes`, that of the version whose training was
 * interrupted last.
 */
export function newVersion(models: string, { resumes = false, nowMs = Date.now() } = {}): string {
  const names = existsSync(models) ? readdirSync(models) : [];
  const interrupted = names.flatMap((name) =>
    name.endsWith(CHECKPOINTS) ? name.slice(0, -CHECKPOINTS.length) : [],
  );
  const last = inOrder(interrupted).at(-1);
  if (resumes && last !== undefined) return last;
  const minute = new Date(nowMs).toISOString().replace(/:(\d\d):.*/, '$1Z');
  const [, before = '', number = '1'] =
    /^(.*Z)(?:-(\d+))?$/.exec(inOrder([...names, ...interrupted]).at(-1) ?? '') ?? [];
  return before < minute ? minute : `${before}-${Number(number) + 1}`;
}

const figures = z.object({ recall: z.number(), mrr: z.number() });
const interval = z.array(z.number());

const recordSchema = z.object({
  version: z.string(),
  how: z.enum(['trained', 'continued']),
  from: z.string().optional(),
  /** The version that was current when this one was begun. */
  replaces: z.string().optional(),
  /** Versions that continue one another, since one was trained from the beginning. */
  nights: z.int().nonnegative(),
  dataset: z.string(),
  /** Sessions that began since, and are held out, are learnt by no version that continues this one. */
  heldOutFromMs: z.number(),
  /** Sessions that refused nights brought, this one included, by when they began: no version is judged by them. */
  setAside: z.array(z.object({ afterMs: z.number(), toMs: z.number() })).default([]),
  verdict: figures
    .extend({
      sessions: z.number(),
      predictions: z.number(),
      before: figures,
      /** 95 % intervals of the differences in recall and MRR to those before. */
      interval: z.object({ recall: interval, mrr: interval }).default({ recall: [], mrr: [] }),
      /** Evidence of a loss since the last version that was trained from the beginning (`addNight`), and the mean of this night only. */
      evidence: z.array(z.number()).default([]),
      ofThisNight: z.number().default(Number.MAX_VALUE),
      isWorse: z.boolean(),
    })
    .optional(),
  /** False until the version is current, or refused for good. */
  isDone: z.boolean(),
});

export type VersionRecord = z.output<typeof recordSchema>;

const recordOf = (models: string, version: string) => join(models, `${version}.json`);

export async function writeRecord(models: string, record: VersionRecord): Promise<void> {
  await replaceFile(recordOf(models, record.version), [Buffer.from(`${JSON.stringify(record, null, 2)}\n`)]);
}

/** Records a version that `train` made from the dataset as it is. */
export async function recordTrained(models: string, version: string): Promise<void> {
  const { dataset } = await readModel(join(models, version));
  if (dataset?.lastMs === undefined) return;
  await writeRecord(models, {
    version,
    how: 'trained',
    nights: 0,
    dataset: dataset.checksum,
    heldOutFromMs: dataset.lastMs,
    setAside: [],
    isDone: true,
  });
}

/** Undefined if the version has none, as one that another program wrote. */
export function readRecord(models: string, version: string): VersionRecord | undefined {
  const file = recordOf(models, version);
  if (!existsSync(file)) return undefined;
  return checkJson(recordSchema, JSON.parse(readFileSync(file, 'utf8')), ({ path, expected, got }) => {
    return new Error(`"${path}" expected ${expected}, got ${got}, at ${file}. Remove the file`);
  });
}

/** Ids of the strange sessions of a night that was refused last, for `forget`. */
export const strangeIn = (models: string): string => join(models, 'strange.txt');

/** When (ISO 8601, UTC) and for how many ids; never the ids. */
type Forgotten = readonly { readonly date: string; readonly ids: number }[];

const forgottenIn = (models: string) => join(models, 'forgotten.json');

const readForgotten = (models: string): Forgotten =>
  existsSync(forgottenIn(models)) ? JSON.parse(readFileSync(forgottenIn(models), 'utf8')) : [];

export async function recordForgotten(models: string, ids: number): Promise<void> {
  const all = [...readForgotten(models), { date: new Date().toISOString(), ids }];
  await replaceFile(forgottenIn(models), [Buffer.from(`${JSON.stringify(all, null, 2)}\n`)]);
}

/** What a version may have learnt of what was forgotten since its training began, in one line; empty for nothing. */
export function describeForgotten(models: string, version: string): string {
  let first = version;
  for (let from: string | undefined = version; from !== undefined; from = readRecord(models, from)?.from)
    first = from;
  const began = first.replace(/T(\d\d)(\d\d)Z.*/, 'T$1:$2');
  const later = readForgotten(models).filter(({ date }) => date > began);
  const days = later.map(({ date, ids }) => `${date.slice(0, 10)} (${count(ids, 'id')})`).join(', ');
  return (
    days &&
    `${version} was trained before sessions were forgotten, on ${days}: what it learnt of them stays until a model is trained anew\n`
  );
}

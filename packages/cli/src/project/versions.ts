import { existsSync, readdirSync } from 'node:fs';
import { basename, join } from 'node:path';
import { followPointer, pointTo } from '@gru4rec/durable-files';

/** The file in the folder of the versions that names the current one. */
export const POINTER = 'current';
const VERSION = /^\d{4}-\d\d-\d\dT\d{4}Z(-\d+)?$/;
const CHECKPOINTS = '.checkpoints';

/** Oldest first. */
export function versionsIn(models: string): string[] {
  const names = existsSync(models) ? readdirSync(models) : [];
  const placeOf = (name: string) =>
    name.replace(/Z(-(\d+))?$/, (_, _rest, number = '1') => `Z${number.padStart(6, '0')}`);
  return names.filter((name) => VERSION.test(name)).sort((a, b) => (placeOf(a) < placeOf(b) ? -1 : 1));
}

/** Undefined if none was made current. */
export function currentVersion(models: string): string | undefined {
  const pointer = join(models, POINTER);
  return existsSync(pointer) ? basename(followPointer(pointer)) : undefined;
}

export async function makeCurrent(models: string, version: string): Promise<void> {
  await pointTo(join(models, POINTER), version);
}

/** A name by the time, to the minute in UTC. With `resumes`, that of the version whose training was interrupted last. */
export function newVersion(models: string, { resumes = false, nowMs = Date.now() } = {}): string {
  const names = existsSync(models) ? readdirSync(models) : [];
  const interrupted = names
    .filter((name) => name.endsWith(CHECKPOINTS))
    .map((name) => name.slice(0, -CHECKPOINTS.length));
  const last = interrupted
    .filter((name) => VERSION.test(name))
    .sort()
    .at(-1);
  if (resumes && last !== undefined) return last;
  const minute = new Date(nowMs).toISOString().replace(/:(\d\d):.*/, '$1Z');
  let version = minute;
  for (let number = 2; [...names, ...interrupted].includes(version); number++)
    version = `${minute}-${number}`;
  return version;
}

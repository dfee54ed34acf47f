import { existsSync, readdirSync } from 'node:fs';
import { basename, join } from 'node:path';
import { followPointer, pointTo } from '@gru4rec/durable-files';

/** The file in the folder of the versions that names the current one. */
export const POINTER = 'current';
const VERSION = /^\d{4}-\d\d-\d\dT\d{4}Z(-\d+)?$/;
const CHECKPOINTS = '.checkpoints';

/** Oldest first. */
export function versionsIn(models: string): string[] {
  return inOrder(existsSync(models) ? readdirSync(models) : []);
}

/** The versions among names, oldest first. */
function inOrder(names: readonly string[]): string[] {
  const placeOf = (name: string) =>
    name.replace(/Z(?:-(\d+))?$/, (_, number = '1') => `Z${number.padStart(6, '0')}`);
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

import { existsSync } from 'node:fs';
import { mkdtemp, readdir, rename, rm } from 'node:fs/promises';
import { hostname } from 'node:os';
import { join } from 'node:path';

const PREFIX = '.building-';

/**
 * Makes a folder that appears whole or not at all: it is built under another name beside its place and then renamed.
 * Two builders at once each build their own; who ends last keeps the other's.
 *
 * @param folder - where the result goes, under `name`.
 * @param build - takes the folder for the result, which it is to make, and one for what is needed on the way.
 * @returns what `build` returns.
 * @throws what `build` throws; nothing is left of it.
 */
export async function buildFolder<T>(
  folder: string,
  name: string,
  build: (result: string, scratch: string) => Promise<T>,
): Promise<T> {
  await removeLeftovers(folder);
  const building = await mkdtemp(join(folder, `${PREFIX}${owner()}${process.pid}-`));
  try {
    const result = join(building, name);
    const built = await build(result, join(building, 'scratch'));
    await putInPlace(result, join(folder, name), join(building, 'replaced'));
    return built;
  } finally {
    await rm(building, { recursive: true, force: true });
  }
}

async function putInPlace(result: string, place: string, replaced: string): Promise<void> {
  try {
    await rename(result, place);
    return;
  } catch (error) {
    if (!existsSync(place)) throw error;
  }
  // What is there was broken when this build began, or another builder has just put an equal one there.
  await rename(place, replaced);
  await rename(result, place).catch(async (error: unknown) => {
    await rename(replaced, place).catch(() => {});
    throw error;
  });
}

function owner(): string {
  return `${hostname().replace(/[^\w.]/g, '_')}-`;
}

/** What builders of this machine left that were killed. */
async function removeLeftovers(folder: string): Promise<void> {
  const own = `${PREFIX}${owner()}`;
  for (const name of await readdir(folder)) {
    const pid = name.startsWith(own) ? /^(\d+)-/.exec(name.slice(own.length))?.[1] : undefined;
    if (pid !== undefined && !isRunning(Number(pid))) {
      await rm(join(folder, name), { recursive: true, force: true });
    }
  }
}

function isRunning(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}

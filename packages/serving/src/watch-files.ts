import { readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { followPointer } from '@gru4rec/durable-files';

export interface FilesWatch {
  /** Such as `stateOfFiles`. What it throws is a state, too. */
  readonly look: () => Promise<string | undefined>;
  readonly state: string | undefined;
  readonly everyMs: number;
  /** Must not reject. The files are looked at again once the promise is fulfilled. */
  readonly onChange: () => Promise<void>;
}

/** Reports a change once nothing has changed since the look before; a missing path, as between two renames, is none. */
export function watchFiles({ look, state, everyMs, onChange }: FilesWatch): () => void {
  const end = new AbortController();
  const { signal } = end;
  const run = async () => {
    let [reported, before] = [state, state];
    for (;;) {
      await setTimeout(everyMs, undefined, { signal, ref: false }).catch(() => undefined);
      if (signal.aborted) return;
      const now = await look().catch((error: Error) => error.message);
      if (now !== undefined && now === before && now !== reported) {
        reported = now;
        await onChange();
      }
      before = now;
    }
  };
  run();
  return () => end.abort();
}

/** The state of a model's folder, or of one that a file names, which may be missing. */
export async function stateOfModel(path: string): Promise<string | undefined> {
  const folder = followPointer(path);
  const state = await stateOfFiles(folder);
  return folder === path ? state : `${folder}\n${state}`;
}

export async function modifiedMs(path: string): Promise<number> {
  return (await stat(path).catch(() => undefined))?.mtimeMs ?? 0;
}

export async function stateOfFiles(path: string): Promise<string | undefined> {
  try {
    const isFolder = (await stat(path)).isDirectory();
    const names = isFolder ? (await readdir(path)).sort() : [''];
    const states = names.map(async (name) => {
      const { ino, size, mtimeMs } = await stat(join(path, name));
      return `${name} ${ino} ${size} ${mtimeMs}`;
    });
    return names.length === 0 ? undefined : (await Promise.all(states)).join('\n');
  } catch {
    return undefined;
  }
}

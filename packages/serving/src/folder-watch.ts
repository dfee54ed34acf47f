import { readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';

/**
 * Looks at the files of a folder again and again, and reports a change once nothing has changed since the look before. A folder
 * that is missing, such as between the two renames of a replacement, is no change.
 */
export class FolderWatch {
  readonly #directory: string;
  readonly #everyMs: number;
  readonly #onChange: () => Promise<void>;
  readonly #end = new AbortController();
  /** The files when the change before was reported. */
  #reported: string | undefined;

  private constructor(directory: string, everyMs: number, onChange: () => Promise<void>) {
    this.#directory = directory;
    this.#everyMs = everyMs;
    this.#onChange = onChange;
  }

  /**
   * Starts to watch; what is there now is no change.
   * @param onChange - must not reject. The next look waits for it.
   */
  static async start(
    directory: string,
    everyMs: number,
    onChange: () => Promise<void>,
  ): Promise<FolderWatch> {
    const watch = new FolderWatch(directory, everyMs, onChange);
    watch.#reported = await watch.#look();
    watch.#run();
    return watch;
  }

  close(): void {
    this.#end.abort();
  }

  async #run(): Promise<void> {
    const { signal } = this.#end;
    let before = this.#reported;
    for (;;) {
      await setTimeout(this.#everyMs, undefined, { signal, ref: false }).catch(() => undefined);
      if (signal.aborted) return;
      const now = await this.#look();
      if (now !== undefined && now === before && now !== this.#reported) {
        this.#reported = now;
        await this.#onChange();
      }
      before = now;
    }
  }

  /** Identifies the files by their inodes, sizes and times; undefined if there are none. */
  async #look(): Promise<string | undefined> {
    try {
      const names = (await readdir(this.#directory)).sort();
      const states = names.map(async (name) => {
        const { ino, size, mtimeMs } = await stat(join(this.#directory, name));
        return `${name} ${ino} ${size} ${mtimeMs}`;
      });
      return names.length === 0 ? undefined : (await Promise.all(states)).join('\n');
    } catch {
      return undefined;
    }
  }
}

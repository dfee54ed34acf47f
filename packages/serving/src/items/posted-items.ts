import { existsSync } from 'node:fs';
import { type ItemInfo, type ItemRow, readItemRows } from '@gru4rec/dataset/items';
import { lockOutput, recover, replaceFile } from '@gru4rec/durable-files';
import { Problem } from '../http/problem.ts';
import { modifiedMs } from '../watch-files.ts';

/** The most items that are kept: each call writes all of them. */
const MOST = 50_000;

interface Posted {
  readonly info: ItemInfo;
  /** When it was posted, or a later time before this process began; milliseconds since 1970. */
  readonly atMs: number;
}

/** The file is an items file itself. */
export class PostedItems {
  readonly #path: string;
  readonly #unlock: () => void;
  #rows: ReadonlyMap<string, Posted>;
  #writing: Promise<void> = Promise.resolve();

  private constructor(path: string, rows: ReadonlyMap<string, Posted>, unlock: () => void) {
    this.#path = path;
    this.#rows = rows;
    this.#unlock = unlock;
  }

  static async open(path: string): Promise<PostedItems> {
    if (!path.endsWith('.jsonl'))
      throw new RangeError(`The posted items expected a file .jsonl, got ${path}`);
    const unlock = lockOutput(path, 'serve');
    try {
      await recover(path);
      const rows = new Map<string, Posted>();
      const atMs = await modifiedMs(path);
      if (existsSync(path)) for await (const { id, info } of readItemRows(path)) rows.set(id, { info, atMs });
      return new PostedItems(path, rows, unlock);
    } catch (error) {
      unlock();
      throw error;
    }
  }

  *rows(): Generator<readonly [id: string, info: ItemInfo]> {
    for (const [id, { info }] of this.#rows) yield [id, info];
  }

  /** @returns when they are on disk. */
  put(rows: readonly ItemRow[]): Promise<void> {
    const atMs = Date.now();
    return this.#change((next) => {
      for (const { id, info } of rows) next.set(id, { info, atMs });
      if (next.size <= MOST) return true;
      throw new Problem(
        409,
        `At most ${MOST} posted items are kept; bring them into the items file (--items)`,
      );
    });
  }

  drop(items: ReadonlyMap<string, unknown>, changedMs: number): Promise<void> {
    return this.#change((next) => {
      const dropped = [...next].filter(([id, { atMs }]) => items.has(id) && atMs < changedMs);
      for (const [id] of dropped) next.delete(id);
      return dropped.length > 0;
    });
  }

  close(): void {
    this.#unlock();
  }

  #change(change: (rows: Map<string, Posted>) => boolean): Promise<void> {
    const changed = this.#writing.then(async () => {
      const next = new Map(this.#rows);
      if (change(next)) await this.#write(next);
      this.#rows = next;
    });
    this.#writing = changed.catch(() => undefined);
    return changed;
  }

  async #write(rows: ReadonlyMap<string, Posted>): Promise<void> {
    const lines = Array.from(rows, ([id, { info }]) => `${JSON.stringify({ ...info.fields, id })}\n`);
    await replaceFile(this.#path, [Buffer.from(lines.join(''))]).catch((cause: Error) => {
      throw new Problem(503, `The posted items cannot be written: ${cause.message}`, { cause });
    });
  }
}

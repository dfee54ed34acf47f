import { readFileSync } from 'node:fs';
import { replaceFile } from '@gru4rec/durable-files';
import { withEarlier } from '@gru4rec/model';
import type { FastifyBaseLogger } from 'fastify';
import { LRUCache } from 'lru-cache';

/** File in an event log that keeps the items of visitors over a restart. `forgetEvents` reads its lines. */
export const VISITORS_FILE = 'visitors';

interface VisitorLine {
  readonly SessionId: string;
  readonly Items: readonly string[];
  /** When the visitor clicked last, milliseconds since 1970 UTC. */
  readonly LastMs: number;
}

/** As of `SessionLimits`. */
interface VisitorLimits {
  readonly rememberMs: number;
  readonly rememberBytes: number;
}

/** The last 20 distinct items of visitors, by the ids of their sessions, beyond the end of these. */
export class Visitors {
  readonly #items: LRUCache<string, readonly string[]>;
  readonly #file: string | undefined;

  /** Begins with what the file has. A warning counts lines that are none of a visitor. */
  constructor(
    { rememberMs, rememberBytes }: VisitorLimits,
    file: string | undefined,
    logger?: Pick<FastifyBaseLogger, 'warn'>,
  ) {
    this.#items = new LRUCache({
      ttl: rememberMs,
      ttlResolution: 0,
      perf: Date,
      maxSize: rememberBytes,
      sizeCalculation: (items, id) =>
        items.reduce((sum, item) => sum + 24 + 2 * item.length, 160 + 2 * id.length),
    });
    this.#file = file;
    if (file === undefined) return;
    let damaged = 0;
    for (const text of linesOf(file)) {
      const line = parseLine(text);
      if (line) this.#items.set(line.SessionId, line.Items, { start: line.LastMs });
      else damaged++;
    }
    if (damaged === 0) return;
    logger?.warn(
      { file, lines: damaged },
      'Remembered visitors of these lines cannot be read, and begin anew',
    );
  }

  get(id: string): readonly string[] | undefined {
    return this.#items.get(id);
  }

  /** @param start - when the last of the clicks arrived, if not now. */
  add(id: string, clicks: readonly { readonly item: string }[], start?: number): void {
    const items = clicks.reduce((all, { item }) => withEarlier(all, item), this.#items.get(id) ?? []);
    this.#items.set(id, items, start === undefined ? {} : { start });
  }

  delete(id: string): boolean {
    return this.#items.delete(id);
  }

  /** @throws DurableError if the file cannot be written. */
  async save(): Promise<void> {
    if (this.#file === undefined) return;
    const kept = this.#items.dump();
    function* lines() {
      for (const [SessionId, { value: Items, start: LastMs = 0 }] of kept.reverse()) {
        const line: VisitorLine = { SessionId, Items, LastMs };
        yield Buffer.from(`${JSON.stringify(line)}\n`);
      }
    }
    await replaceFile(this.#file, lines());
  }

  async close(): Promise<void> {
    await this.save().finally(() => this.#items.clear());
  }
}

function linesOf(file: string): string[] {
  try {
    return readFileSync(file, 'utf8')
      .split('\n')
      .filter((line) => line.trim());
  } catch {
    return [];
  }
}

function parseLine(text: string): VisitorLine | undefined {
  try {
    const { SessionId, Items, LastMs } = JSON.parse(text) as Partial<VisitorLine>;
    const isWhole = typeof SessionId === 'string' && Number.isFinite(LastMs);
    const isList = Array.isArray(Items) && Items.every((item) => typeof item === 'string');
    return isWhole && isList ? { SessionId, Items, LastMs: Number(LastMs) } : undefined;
  } catch {
    return undefined;
  }
}

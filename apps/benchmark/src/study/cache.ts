import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { deserialize, serialize } from 'node:v8';
import { replaceFile } from '@gru4rec/durable-files';

/**
 * Results by what they depend on. A result is a file, complete or absent: after a kill, what was finished is found again.
 */
export class Cache {
  readonly #folder: string;
  readonly #fingerprint: unknown;

  /** @param fingerprint - what every result depends on: the data and the code. */
  constructor(folder: string, fingerprint: unknown) {
    this.#folder = folder;
    this.#fingerprint = fingerprint;
  }

  /** A hexadecimal key of what a result depends on. */
  keyOf(of: unknown): string {
    const text = JSON.stringify([this.#fingerprint, of], sorted);
    return createHash('sha256').update(text).digest('hex').slice(0, 16);
  }

  /** The path of a file or folder that depends on the key. */
  pathOf(kind: string, of: unknown): string {
    return join(this.#folder, `${kind}-${this.keyOf(of)}`);
  }

  /** The result that an earlier run made of the same, or that `make` makes now: plain values and typed arrays. */
  async get<Result>(kind: string, of: unknown, make: () => Promise<Result>): Promise<Result> {
    const file = `${this.pathOf(kind, of)}.bin`;
    const bytes = await readFile(file).catch((error: NodeJS.ErrnoException) => {
      if (error.code === 'ENOENT') return undefined;
      throw error;
    });
    if (bytes) return deserialize(bytes) as Result;
    const result = await make();
    await replaceFile(file, [serialize(result)]);
    return result;
  }
}

/** Sorts the keys of objects, so that equal values give equal texts. Infinity stays itself. */
function sorted(_: string, value: unknown): unknown {
  if (value === Number.POSITIVE_INFINITY) return 'Infinity';
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return value;
  return Object.fromEntries(Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1)));
}

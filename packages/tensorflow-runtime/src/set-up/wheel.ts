import { createHash } from 'node:crypto';
import { createReadStream, createWriteStream } from 'node:fs';
import { mkdir } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { PassThrough } from 'node:stream';
import { text } from 'node:stream/consumers';
import { pipeline } from 'node:stream/promises';
import { type Entry, openPromise, type ZipFile } from 'yauzl';
import { SetUpError } from './set-up-error.ts';

/** A Python wheel: a ZIP archive with a list of its files' hashes. */
export class Wheel {
  readonly #file: string;
  readonly #zip: ZipFile;
  readonly #entries: ReadonlyMap<string, Entry>;

  private constructor(file: string, zip: ZipFile, entries: ReadonlyMap<string, Entry>) {
    this.#file = file;
    this.#zip = zip;
    this.#entries = entries;
  }

  /**
   * @returns the wheel, which wants to be closed.
   * @throws SetUpError if the file is no ZIP archive.
   */
  static async open(file: string): Promise<Wheel> {
    const zip = await openPromise(file, { lazyEntries: true, autoClose: false }).catch((cause) => {
      throw new SetUpError(`setUpTensorFlow: ${basename(file)} expected a wheel, got a file that is none.`, {
        cause,
      });
    });
    const entries = new Map<string, Entry>();
    try {
      for await (const entry of zip.eachEntry()) entries.set(entry.fileName, entry);
    } catch (cause) {
      zip.close();
      throw new SetUpError(`setUpTensorFlow: the wheel ${basename(file)} is damaged.`, { cause });
    }
    return new Wheel(file, zip, entries);
  }

  close(): void {
    this.#zip.close();
  }

  /** The text of a file of the folder `*.dist-info`, such as `METADATA`. */
  async readInfo(name: 'METADATA' | 'RECORD'): Promise<string> {
    const entry = [...this.#entries.values()].find(({ fileName }) =>
      new RegExp(`^[^/]+\\.dist-info/${name}$`).test(fileName),
    );
    if (!entry) throw this.#refuse(`expected a file ${name}, got none`);
    return text(await this.#zip.openReadStreamPromise(entry));
  }

  /**
   * Unpacks some of the files.
   *
   * @param placeOf - where a file goes below `destination`; undefined leaves it out.
   * @returns how many there were.
   * @throws SetUpError if one is not what RECORD says; what was written stays.
   */
  async extract(destination: string, placeOf: (path: string) => string | undefined): Promise<number> {
    const hashes = parseRecord(await this.readInfo('RECORD'));
    let count = 0;
    for (const [path, entry] of this.#entries) {
      const place = path.endsWith('/') ? undefined : placeOf(path);
      if (place === undefined) continue;
      const expected = hashes.get(path);
      if (expected === undefined) throw this.#refuse(`expected a hash of ${path} in RECORD, got none`);
      const got = await this.#write(entry, join(destination, place));
      if (got !== expected) throw this.#refuse(`expected SHA-256 ${expected} of ${path}, got ${got}`);
      count++;
    }
    return count;
  }

  /** @returns the hash of what was written, as RECORD spells it. */
  async #write(entry: Entry, file: string): Promise<string> {
    await mkdir(dirname(file), { recursive: true });
    const hash = createHash('sha256');
    const source = await this.#zip.openReadStreamPromise(entry);
    const hashed = new PassThrough();
    hashed.on('data', (chunk: Buffer) => hash.update(chunk));
    await pipeline(source, hashed, createWriteStream(file)).catch((cause: NodeJS.ErrnoException) => {
      // What the system says, such as a full disk, has a code; what zlib says begins with Z.
      if (cause.code !== undefined && !cause.code.startsWith('Z')) throw cause;
      throw this.#refuse(`${entry.fileName} is damaged`, cause);
    });
    return hash.digest('base64url');
  }

  #refuse(why: string, cause?: unknown): SetUpError {
    return new SetUpError(`setUpTensorFlow: wheel ${basename(this.#file)}: ${why}. Set it up again.`, {
      cause,
    });
  }
}

/** @returns hash by path, in base64 for URLs; RECORD has none for itself. */
function parseRecord(record: string): Map<string, string> {
  const hashes = new Map<string, string>();
  for (const [, quoted, plain, hash] of record.matchAll(/^(?:"([^"]+)"|([^,\n]+)),sha256=([\w-]+)=*,/gm)) {
    const path = quoted ?? plain;
    if (path !== undefined && hash !== undefined) hashes.set(path, hash);
  }
  return hashes;
}

/** SHA-256 of a whole file, in hexadecimal. */
export async function hashFile(file: string): Promise<string> {
  const hash = createHash('sha256');
  await pipeline(createReadStream(file), hash);
  return hash.digest('hex');
}

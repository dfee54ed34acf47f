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
   * Opens a wheel and reads its list of files.
   *
   * @returns the wheel, which the caller must close.
   * @throws SetUpError if the file is not a ZIP archive.
   */
  static async open(file: string): Promise<Wheel> {
    const zip = await openPromise(file, { lazyEntries: true, autoClose: false }).catch((cause) => {
      throw new SetUpError(`setUpTensorFlow: ${basename(file)} expected a wheel, got another kind of file.`, {
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

  /** Closes the file. */
  close(): void {
    this.#zip.close();
  }

  /** Text of a file in the folder `*.dist-info`. @throws SetUpError if the file is missing. */
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
   * @param placeOf - maps a path in the wheel to one below `destination`, or to undefined to skip the file.
   * @returns the number of files unpacked.
   * @throws SetUpError if the hash of a file differs from RECORD. Files written before stay.
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

  /** Unpacks one file. @returns its SHA-256 in base64url, as in RECORD. */
  async #write(entry: Entry, file: string): Promise<string> {
    await mkdir(dirname(file), { recursive: true });
    const hash = createHash('sha256');
    const source = await this.#zip.openReadStreamPromise(entry);
    const hashed = new PassThrough();
    hashed.on('data', (chunk: Buffer) => hash.update(chunk));
    await pipeline(source, hashed, createWriteStream(file)).catch((cause: NodeJS.ErrnoException) => {
      // Codes of zlib, for damaged data, start with Z. Other codes are the system's, such as that of a full disk.
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

/** @returns SHA-256 in base64url by path. RECORD has none for itself. */
function parseRecord(record: string): Map<string, string> {
  const hashes = new Map<string, string>();
  for (const [, quoted, plain, hash] of record.matchAll(/^(?:"([^"]+)"|([^,\n]+)),sha256=([\w-]+)=*,/gm)) {
    const path = quoted ?? plain;
    if (path !== undefined && hash !== undefined) hashes.set(path, hash);
  }
  return hashes;
}

/** SHA-256 of a file, in hexadecimal. */
export async function hashFile(file: string): Promise<string> {
  const hash = createHash('sha256');
  await pipeline(createReadStream(file), hash);
  return hash.digest('hex');
}

import { chmod, chown, open, readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { createGunzip, createGzip } from 'node:zlib';
import { lockOutput, makeFile, recover } from '@gru4rec/durable-files';
import { readable } from './log-line.ts';

/** Files of days, also compressed by hand. */
const LOG_FILE = /^\d{4}-\d{2}-\d{2}\.jsonl(\.gz)?$/;
const NEWLINE = 0x0a;
/** A longer line is none of a log: a click has at most some kilobytes. */
const MOST_LINE_BYTES = 1 << 24;

/** What left an event log. */
export interface ForgottenEvents {
  /** Number of lines that were removed, by name of the file. */
  readonly removed: ReadonlyMap<string, number>;
  /** The given ids that lines had. */
  readonly found: ReadonlySet<string>;
  /** Number of lines that stay although nobody can say whose they are, such as a torn last line, by name of the file. */
  readonly unreadable: ReadonlyMap<string, number>;
  /** Names in the folder that are none of the log; they are not read. */
  readonly others: readonly string[];
}

/**
 * Removes the clicks of sessions from the files of an event log, `YYYY-MM-DD.jsonl` and `.jsonl.gz`. Each file is replaced
 * as a whole, with its mode and owner, or stays as it was; all other lines keep their bytes. Another call completes what a
 * killed one began.
 *
 * @param ids - ids of sessions, as clients sent them.
 * @throws Error if the folder is missing, a process writes the log, or a file cannot be read or replaced.
 */
export async function forgetEvents(directory: string, ids: ReadonlySet<string>): Promise<ForgottenEvents> {
  const given = new Map([...ids].map((id) => [readable(id), id]));
  const entries = await readdir(directory).catch((cause) => {
    throw new Error(`The event log ${directory} cannot be read`, { cause });
  });
  const names = entries.filter((name) => !name.startsWith('.')).sort();
  const unlock = lockLog(directory);
  try {
    const removed = new Map<string, number>();
    const unreadable = new Map<string, number>();
    const found = new Set<string>();
    for (const name of names.filter((own) => LOG_FILE.test(own))) {
      const file = join(directory, name);
      await recover(file);
      const judge = new LineJudge(given);
      for await (const line of linesOf(file)) judge.keeps(line);
      for (const id of judge.found) found.add(id);
      if (judge.unreadable > 0) unreadable.set(name, judge.unreadable);
      if (judge.removed === 0) continue;
      await rewrite(file, new LineJudge(given));
      removed.set(name, judge.removed);
    }
    return { removed, found, unreadable, others: names.filter((name) => !LOG_FILE.test(name)) };
  } finally {
    unlock();
  }
}

function lockLog(directory: string): () => void {
  try {
    return lockOutput(join(directory, 'log'), 'forget');
  } catch (cause) {
    throw new Error(`The event log ${directory} cannot be changed`, { cause });
  }
}

async function rewrite(file: string, judge: LineJudge): Promise<void> {
  const { mode, uid, gid } = await stat(file);
  async function* kept(): AsyncGenerator<Buffer> {
    for await (const line of linesOf(file)) if (judge.keeps(line)) yield line;
  }
  await makeFile(file, async (path) => {
    const handle = await open(path, 'wx', 0o600);
    const packing = file.endsWith('.gz') ? [createGzip()] : [];
    await pipeline([Readable.from(kept()), ...packing, handle.createWriteStream()]);
    const made = await stat(path);
    if (made.uid !== uid || made.gid !== gid) await chown(path, uid, gid);
    await chmod(path, mode);
  });
}

/** Decides line by line, and counts. */
class LineJudge {
  readonly #given: ReadonlyMap<string, string>;
  readonly found = new Set<string>();
  removed = 0;
  unreadable = 0;

  /** @param given - ids by their form in the log. */
  constructor(given: ReadonlyMap<string, string>) {
    this.#given = given;
  }

  keeps(line: Buffer): boolean {
    const session = sessionOf(line);
    if (session === undefined && line.some((byte) => byte > 0x20)) this.unreadable++;
    const id = session === undefined ? undefined : this.#given.get(session);
    if (id === undefined) return true;
    this.found.add(id);
    this.removed++;
    return false;
  }
}

function sessionOf(line: Buffer): string | undefined {
  try {
    const { SessionId } = JSON.parse(line.toString('utf8')) as { SessionId?: unknown };
    return typeof SessionId === 'string' || typeof SessionId === 'number' ? String(SessionId) : undefined;
  } catch {
    return undefined;
  }
}

/** The lines of a file with their line ends; the last one may have none. */
async function* linesOf(file: string): AsyncGenerator<Buffer> {
  const handle = await open(file);
  const bytes = handle.createReadStream({ highWaterMark: 1 << 20 });
  let rest: Buffer = Buffer.alloc(0);
  try {
    for await (const chunk of file.endsWith('.gz') ? bytes.pipe(createGunzip()) : bytes) {
      const text: Buffer = Buffer.concat([rest, chunk as Buffer]);
      let start = 0;
      for (let end = text.indexOf(NEWLINE); end >= 0; end = text.indexOf(NEWLINE, start)) {
        yield text.subarray(start, end + 1);
        start = end + 1;
      }
      rest = text.subarray(start);
      if (rest.length > MOST_LINE_BYTES) throw new Error('it has a line of more than 16 MiB');
    }
    if (rest.length > 0) yield rest;
  } catch (cause) {
    throw new Error(`The event log ${file} cannot be read`, { cause });
  } finally {
    bytes.destroy();
  }
}

import { chmod, chown, open, readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { createGunzip, createGzip } from 'node:zlib';
import { lockOutput, makeFile, recover } from '@gru4rec/durable-files';
import { isNoClick } from './log-lines.ts';

/** Files of days, also compressed by hand. */
const LOG_FILE = /^\d{4}-\d{2}-\d{2}\.jsonl(\.gz)?$/;
const NEWLINE = 0x0a;
const SPACE = 0x20;
/** A longer line is none of a log, and not read as a whole. */
const MOST_LINE_BYTES = 1 << 24;

/** What left an event log. */
export interface ForgottenEvents {
  /** Clicks that were removed, by name of the file. */
  readonly removed: ReadonlyMap<string, number>;
  /** The given ids that lines had. */
  readonly found: ReadonlySet<string>;
  /** Lines that stay although nobody can say whose they are, such as a torn last line, by name of the file. */
  readonly unreadable: ReadonlyMap<string, number>;
  /** Names in the folder that are none of the log; they are not read. */
  readonly others: readonly string[];
}

/**
 * Removes the clicks of sessions from the files of an event log, `YYYY-MM-DD.jsonl` and `.jsonl.gz`: spaces take
 * their place, so that other lines keep their places, by which a learner goes on. Each file is replaced as a
 * whole, with its mode and owner, or stays. Another call completes what a killed one began.
 * @throws Error if the folder is missing, a process writes the log, or a file cannot be read or replaced.
 */
export async function forgetEvents(directory: string, ids: ReadonlySet<string>): Promise<ForgottenEvents> {
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
      const judge = new LineJudge(ids);
      for await (const line of linesOf(file)) judge.left(line);
      for (const id of judge.found) found.add(id);
      if (judge.unreadable > 0) unreadable.set(name, judge.unreadable);
      if (judge.removed === 0) continue;
      await rewrite(file, new LineJudge(ids));
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
  async function* left(): AsyncGenerator<Buffer> {
    for await (const line of linesOf(file)) yield judge.left(line);
  }
  await makeFile(file, async (path) => {
    const handle = await open(path, 'wx', 0o600);
    const packing = file.endsWith('.gz') ? [createGzip()] : [];
    await pipeline([Readable.from(left()), ...packing, handle.createWriteStream()]);
    const made = await stat(path);
    if (made.uid !== uid || made.gid !== gid) await chown(path, uid, gid);
    await chmod(path, mode);
  });
}

class LineJudge {
  readonly #ids: ReadonlySet<string>;
  readonly found = new Set<string>();
  removed = 0;
  unreadable = 0;
  #isWithinLine = false;

  constructor(ids: ReadonlySet<string>) {
    this.#ids = ids;
  }

  /** @returns what stays of a line or a part of one. */
  left(line: Buffer): Buffer {
    const isRest = this.#isWithinLine;
    this.#isWithinLine = line.at(-1) !== NEWLINE;
    if (isRest) return line;
    const session = sessionOf(line);
    if (
      session === undefined &&
      line.some((byte) => byte > SPACE) &&
      !isNoClick(line.toString('utf8').trimEnd())
    )
      this.unreadable++;
    if (session === undefined || !this.#ids.has(session)) return line;
    this.found.add(session);
    this.removed++;
    return line.fill(SPACE, 0, line.length - (this.#isWithinLine ? 0 : 1));
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

/** The lines of a file with their line ends; the last one may have none. One that is too long comes in parts. */
async function* linesOf(file: string): AsyncGenerator<Buffer> {
  const handle = await open(file);
  const bytes = handle.createReadStream({ highWaterMark: 1 << 20 });
  let rest: Buffer = Buffer.alloc(0);
  try {
    for await (const chunk of file.endsWith('.gz')
      ? bytes.pipe(createGunzip({ chunkSize: 1 << 20 }))
      : bytes) {
      const text: Buffer = Buffer.concat([rest, chunk as Buffer]);
      let start = 0;
      for (let end = text.indexOf(NEWLINE); end >= 0; end = text.indexOf(NEWLINE, start)) {
        yield text.subarray(start, end + 1);
        start = end + 1;
      }
      rest = text.subarray(start);
      if (rest.length <= MOST_LINE_BYTES) continue;
      yield rest;
      rest = Buffer.alloc(0);
    }
    if (rest.length > 0) yield rest;
  } catch (cause) {
    throw new Error(`The event log ${file} cannot be read`, { cause });
  } finally {
    bytes.destroy();
  }
}

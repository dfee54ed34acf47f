import { existsSync } from 'node:fs';
import { chmod, chown, open, readdir, stat } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { createGunzip, createGzip } from 'node:zlib';
import { HeldError, lockOutput, makeFile, recover } from '@gru4rec/durable-files';
import { forgetSaved } from '../learning/learner-folder.ts';
import { isNoClick, type LogPlaces } from './log-lines.ts';

/** Files of days, also compressed by hand. */
const LOG_FILE = /^\d{4}-\d{2}-\d{2}\.jsonl(\.gz)?$/;
const NEWLINE = 0x0a;
const SPACE = 0x20;
/** A longer line is none of a log, and not read as a whole. */
const MOST_LINE_BYTES = 1 << 24;
/** A server answers between two chunks. */
const CHUNK_BYTES = 1 << 18;

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
 * whole, with its mode and owner, or stays. What a learner has saved in the folder is rid of them too. Another call
 * completes what a killed one began.
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
    for await (const { name, judge } of forgetInFiles(directory, ids)) {
      for (const id of judge.found) found.add(id);
      if (judge.unreadable > 0) unreadable.set(name, judge.unreadable);
      if (judge.removed > 0) removed.set(name, judge.removed);
    }
    const others = names.filter((name) => !LOG_FILE.test(name) && !isLearner(join(directory, name)));
    return { removed, found, unreadable, others };
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

/** Clicks of sessions that the files of a log have, which may be being written. */
export async function countEvents(directory: string, ids: ReadonlySet<string>): Promise<number> {
  let clicks = 0;
  for (const name of await readdir(directory))
    if (LOG_FILE.test(name)) clicks += (await judged(join(directory, name), ids)).removed;
  return clicks;
}

/**
 * Rids the files of a log of sessions, for whoever holds its lock, then what a learner has saved, unless one runs.
 * @param ends - of files that are being written: what is before is blanked in place. Without, files are replaced.
 */
export async function* forgetInFiles(
  directory: string,
  ids: ReadonlySet<string>,
  ends?: LogPlaces,
): AsyncGenerator<{ readonly name: string; readonly judge: LineJudge }> {
  const names = (await readdir(directory)).sort();
  for (const name of names.filter((own) => LOG_FILE.test(own))) {
    const file = join(directory, name);
    let judge = new LineJudge(ids);
    if (ends && !name.endsWith('.gz')) await blank(file, judge, ends.get(name.slice(0, 10)) ?? 0);
    else {
      await recover(file);
      judge = await judged(file, ids);
      if (judge.removed > 0) await rewrite(file, new LineJudge(ids));
    }
    yield { name, judge };
  }
  // A save that was killed may have left nothing of this name.
  const outputs = new Set(['learnt', ...names].map((name) => join(directory, name)));
  await forgetLearnt(
    [...outputs].filter((path) => isLearner(path) || basename(path) === 'learnt'),
    ids,
  );
}

/** A learner that runs does so itself. */
async function forgetLearnt(outputs: readonly string[], ids: ReadonlySet<string>): Promise<void> {
  for (const output of outputs) {
    try {
      const unlock = lockOutput(output, 'forget');
      await forgetSaved(output, ids).finally(unlock);
    } catch (error) {
      if (!(error instanceof HeldError)) throw error;
    }
  }
}

const isLearner = (folder: string): boolean => existsSync(join(folder, 'learner.bin'));

async function judged(file: string, ids: ReadonlySet<string>): Promise<LineJudge> {
  const judge = new LineJudge(ids);
  for await (const line of linesOf(file)) judge.left(line);
  return judge;
}

/** Lines before `end`, which must be complete. Another call completes what a killed one began. */
async function blank(file: string, judge: LineJudge, end: number): Promise<void> {
  if (end === 0) return;
  const handle = await open(file, 'r+');
  try {
    let at = 0;
    for await (const line of linesOf(file, end)) {
      const before = judge.removed;
      const left = judge.left(line);
      if (judge.removed > before) await handle.write(left, 0, left.length, at);
      at += line.length;
    }
    if (judge.removed > 0) await handle.datasync();
  } finally {
    await handle.close();
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
    const isOdd =
      session === undefined &&
      line.some((byte) => byte > SPACE) &&
      !isNoClick(line.toString('utf8').trimEnd());
    const isHalfBlank = isOdd && isBegun(line);
    if (isOdd && !isHalfBlank) this.unreadable++;
    if (!isHalfBlank && (session === undefined || !this.#ids.has(session))) return line;
    if (session !== undefined) this.found.add(session);
    this.removed++;
    return line.fill(SPACE, 0, line.length - (this.#isWithinLine ? 0 : 1));
  }
}

/** Whether a killed process, or a power cut, left a line of which only a part is blank. */
function isBegun(line: Buffer): boolean {
  try {
    JSON.parse(line.toString('utf8'));
    return false;
  } catch {
    return line.at(0) === SPACE || line.at(-2) === SPACE;
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
async function* linesOf(file: string, end = Number.POSITIVE_INFINITY): AsyncGenerator<Buffer> {
  const handle = await open(file);
  const bytes = handle.createReadStream({ highWaterMark: CHUNK_BYTES, end: end - 1 });
  let rest: Buffer = Buffer.alloc(0);
  try {
    for await (const chunk of file.endsWith('.gz')
      ? bytes.pipe(createGunzip({ chunkSize: CHUNK_BYTES }))
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

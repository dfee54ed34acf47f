import { existsSync } from 'node:fs';
import { chmod, chown, open, readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { createGunzip, createGzip } from 'node:zlib';
import { HeldError, lockOutput, makeFile, recover } from '@gru4rec/durable-files';
import { forgetSaved } from '../learning/learner-folder.ts';
import { ANSWERS_FOLDER, NEWLINE } from './day-file.ts';
import { isNoClick, type LogPlaces } from './log-lines.ts';

const LOG_FILE = /^(\d{4}-\d{2}-\d{2}\.jsonl(\.gz)?|visitors)$/;
const SPACE = 0x20;
/** A longer line is none of a log, and not read as a whole. */
const MOST_LINE_BYTES = 1 << 24;
/** A server answers between two chunks. */
const CHUNK_BYTES = 1 << 16;

/** What left an event log. */
export interface ForgottenEvents {
  readonly removed: ReadonlyMap<string, number>;
  readonly found: ReadonlySet<string>;
  /** Lines that stay although nobody can say whose they are, such as a torn last line, by name of the file. */
  readonly unreadable: ReadonlyMap<string, number>;
  readonly others: readonly string[];
}

/**
 * Removes the clicks of sessions from the files of an event log: spaces take their place, so that other lines keep theirs, by
 * which a learner goes on; and what a learner saved there. Another call completes what a killed one began.
 * @throws Error if the folder is missing, a process writes the log, or a file cannot be read or replaced.
 */
export async function forgetEvents(directory: string, ids: ReadonlySet<string>): Promise<ForgottenEvents> {
  await namesIn(directory);
  const unlock = lockLog(directory);
  return forgetIn(directory, ids).finally(unlock);
}

/** For whoever holds the lock of the log. @param ends - of what is flushed; without, of the files. */
export async function forgetIn(
  directory: string,
  ids: ReadonlySet<string>,
  ends?: LogPlaces,
): Promise<ForgottenEvents> {
  const removed = new Map<string, number>();
  const unreadable = new Map<string, number>();
  const found = new Set<string>();
  const names = await namesIn(directory);
  for (const name of names.filter((file) => LOG_FILE.test(file))) {
    const file = join(directory, name);
    const isPacked = name.endsWith('.gz');
    if (isPacked) await recover(file);
    const end = isPacked || !ends ? undefined : (ends.get(name.slice(0, 10)) ?? 0);
    const judge = await judged(file, ids, { end, blanks: !isPacked });
    for (const id of judge.found) found.add(id);
    if (judge.unreadable > 0) unreadable.set(name, judge.unreadable);
    if (judge.removed === 0) continue;
    if (isPacked) await rewrite(file, new LineJudge(ids));
    removed.set(name, judge.removed);
  }
  if (names.includes(ANSWERS_FOLDER)) await forgetIn(join(directory, ANSWERS_FOLDER), ids);
  const others = names.filter((name) => !LOG_FILE.test(name) && name !== ANSWERS_FOLDER);
  const learnt = others.filter((name) => existsSync(join(directory, name, 'learner.bin')));
  for (const name of learnt) await forgetUnlessHeld(join(directory, name), ids);
  return { removed, found, unreadable, others: others.filter((name) => !learnt.includes(name)) };
}

/** Clicks of sessions in a log, which may be being written. */
export async function countEvents(directory: string, ids: ReadonlySet<string>): Promise<number> {
  let clicks = 0;
  for (const name of (await namesIn(directory)).filter((file) => LOG_FILE.test(file)))
    clicks += (await judged(join(directory, name), ids)).removed;
  return clicks;
}

async function namesIn(directory: string): Promise<string[]> {
  const entries = await readdir(directory).catch((cause) => {
    throw new Error(`The event log ${directory} cannot be read`, { cause });
  });
  return entries.filter((name) => !name.startsWith('.')).sort();
}

/** A learner that runs does so itself. */
async function forgetUnlessHeld(output: string, ids: ReadonlySet<string>): Promise<void> {
  try {
    const unlock = lockOutput(output, 'forget');
    await forgetSaved(output, ids).finally(unlock);
  } catch (error) {
    if (!(error instanceof HeldError)) throw error;
  }
}

/** @param options - where complete lines end, and whether lines are blanked in place, which others may append to meanwhile. */
async function judged(
  file: string,
  ids: ReadonlySet<string>,
  { end, blanks = false }: { readonly end?: number | undefined; readonly blanks?: boolean } = {},
): Promise<LineJudge> {
  const judge = new LineJudge(ids);
  if (end === 0) return judge;
  const handle = blanks ? await open(file, 'r+') : undefined;
  try {
    let at = 0;
    for await (const line of linesOf(file, end)) {
      const before = judge.removed;
      const left = judge.left(line);
      if (judge.removed > before) await handle?.write(left, 0, left.length, at);
      at += line.length;
    }
    if (judge.removed > 0) await handle?.datasync();
  } finally {
    await handle?.close();
  }
  return judge;
}

function lockLog(directory: string): () => void {
  try {
    return lockOutput(join(directory, 'log'), 'forget');
  } catch (cause) {
    throw new Error(`The event log ${directory} cannot be changed`, { cause });
  }
}

/** Replaces a compressed file as a whole, with its mode and owner. */
async function rewrite(file: string, judge: LineJudge): Promise<void> {
  const { mode, uid, gid } = await stat(file);
  async function* left(): AsyncGenerator<Buffer> {
    for await (const line of linesOf(file)) yield judge.left(line);
  }
  await makeFile(file, async (path) => {
    const handle = await open(path, 'wx', 0o600);
    await pipeline(Readable.from(left()), createGzip(), handle.createWriteStream());
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
    // A process that is killed while it blanks a line leaves a part of it.
    const isHalfBlank = isOdd && (line.at(0) === SPACE || line.at(-2) === SPACE);
    if (isOdd && !isHalfBlank) this.unreadable++;
    if (!isHalfBlank && (session === undefined || !this.#ids.has(session))) return line;
    if (session !== undefined) this.found.add(session);
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

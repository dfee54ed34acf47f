import { existsSync, realpathSync } from 'node:fs';
import { type FileHandle, open, writeFile } from 'node:fs/promises';
import { basename, dirname, join, resolve } from 'node:path';
import { crc32 } from 'node:zlib';
import { createFile, recover, tryLock } from '@gru4rec/durable-files';
import { isObject } from '../space.ts';
import type { Report, TrialOutcome, TrialRecord } from '../trial.ts';
import {
  type StartedTrial,
  StudyError,
  type StudyRecord,
  type StudyStorage,
  storageError,
} from './storage.ts';

/** One line of a study's file, without its checksum: what changed, and the new values. */
type Change =
  | ({ readonly change: 'study' } & StudyRecord)
  | ({ readonly change: 'start' } & StartedTrial)
  | ({ readonly change: 'report'; readonly number: number } & Report)
  | ({ readonly change: 'end'; readonly number: number } & TrialOutcome);
type Line = Change | { readonly change: 'format'; readonly name: string; readonly version: number };

const FORMAT = 'gru4rec-study';
const FORMAT_VERSION = 2;

/**
 * Opens or creates the file of a study: JSON Lines, only appended, with a change and its checksum per line. Each is flushed
 * before the promise of its change is fulfilled.
 * @param file - in an existing folder, on a disk where files can be locked.
 * @returns the storage, which only this process can use until it is closed.
 * @throws StudyError if another coordinator has the file open, if it is not a study, or if it cannot be opened.
 */
export async function openStudyFile(file: string): Promise<StudyStorage> {
  const path = canonicalPath(file);
  try {
    await recover(path);
    const format = encodeLine({ change: 'format', name: FORMAT, version: FORMAT_VERSION });
    if (!existsSync(path)) await createFile(path, (made) => writeFile(made, format));
    const handle = await open(path, 'a+');
    try {
      lock(path, handle.fd);
      return new FileStorage(path, handle, await handle.readFile());
    } catch (error) {
      await handle.close();
      throw error;
    }
  } catch (error) {
    if (error instanceof StudyError) throw error;
    const advice = 'Name a file in a writable folder on a disk with hard links and locks.';
    throw refused(`a study that can be opened, got ${path}. ${advice}`, error);
  }
}

function refused(text: string, cause?: unknown): StudyError {
  return new StudyError(`openStudyFile: "file" expected ${text}`, { cause });
}

/** The system releases the lock when the file is closed or the process ends, however it ends. */
function lock(path: string, descriptor: number): void {
  const attempt = tryLock(path, descriptor);
  if (attempt.state === 'unable') throw attempt.cause;
  if (attempt.state === 'locked') return;
  throw refused(
    `one coordinator at a time, got a second, at ${path}. Wait for the first to finish, or name another file.`,
  );
}

/** Resolves links, so that each file has one path. The file need not exist yet. */
function canonicalPath(file: string): string {
  const path = resolve(file);
  try {
    return existsSync(path) ? realpathSync(path) : join(realpathSync(dirname(path)), basename(path));
  } catch (cause) {
    throw refused(`a folder that exists, got ${dirname(path)}. Create it first.`, cause);
  }
}

/** A study in an open file, which is locked: every running trial that this process does not run is abandoned. */
class FileStorage implements StudyStorage {
  readonly place: string;
  /** The longest that a timer waits, because nobody can take a trial. */
  readonly renewMs: number = 2 ** 31 - 1;
  readonly #handle: FileHandle;
  #study: StudyRecord | undefined;
  readonly #trials: TrialRecord[] = [];
  #size: number;
  /** Whether more bytes may follow, of a line that was not written completely. */
  #isTorn: boolean;
  #last: Promise<unknown> = Promise.resolve();

  constructor(place: string, handle: FileHandle, bytes: Buffer) {
    this.place = place;
    this.#handle = handle;
    const { changes, size } = decodeLines(bytes, place);
    this.#size = size;
    this.#isTorn = size < bytes.length;
    for (const change of changes) this.#apply(change);
  }

  async study(): Promise<StudyRecord | undefined> {
    await this.#last;
    return this.#study;
  }

  begin(study: StudyRecord): Promise<void> {
    return this.#append({ change: 'study', ...study });
  }

  async trials(): Promise<TrialRecord[]> {
    await this.#last;
    return [...this.#trials];
  }

  async addTrial({ number, values, startedMs }: StartedTrial): Promise<boolean> {
    if (this.#trials[number]) return false;
    await this.#append({ change: 'start', number, values, startedMs });
    return true;
  }

  async takeAbandoned(
    below: number,
    startedMs: number,
    trials: readonly number[],
  ): Promise<number | undefined> {
    const abandoned = (await this.trials()).find(
      ({ number, state }) => state === 'running' && number < below && !trials.includes(number),
    );
    if (!abandoned) return undefined;
    const { number, values } = abandoned;
    await this.#append({ change: 'start', number, values, startedMs });
    return number;
  }

  async renew(): Promise<boolean> {
    return true;
  }

  addReport(number: number, { step, value }: Report): Promise<void> {
    return this.#append({ change: 'report', number, step, value });
  }

  async endTrial(number: number, { state, value, error, endedMs }: TrialOutcome): Promise<boolean> {
    await this.#append({ change: 'end', number, state, value, error, endedMs });
    return true;
  }

  async close(): Promise<void> {
    await this.#last;
    await this.#handle.close();
  }

  #append(change: Change): Promise<void> {
    const line = encodeLine(change);
    const written = this.#last.then(async () => {
      await this.#write(line);
      const { crc32: _, ...written } = JSON.parse(line);
      this.#apply(written);
    });
    this.#last = written.catch(() => {});
    return written;
  }

  async #write(line: string): Promise<void> {
    try {
      if (this.#isTorn) await this.#handle.truncate(this.#size);
      this.#isTorn = true;
      await this.#handle.appendFile(line);
      await this.#handle.datasync();
      this.#isTorn = false;
      this.#size += Buffer.byteLength(line);
    } catch (cause) {
      throw storageError(cause, this.place);
    }
  }

  #apply(change: Change): void {
    if (change.change === 'study') {
      const { change: _, ...study } = change;
      this.#study = study;
    } else this.#trials[change.number] = changed(this.#trials[change.number], change);
  }
}

function changed(trial: TrialRecord | undefined, change: Exclude<Change, { change: 'study' }>): TrialRecord {
  if (change.change === 'start') {
    const { number, values, startedMs } = change;
    return { number, values, startedMs, state: 'running', reports: [] };
  }
  // Lines match their checksums, so that this program wrote them: a trial starts before it changes.
  const started = trial as TrialRecord;
  if (change.change === 'report') {
    const { step, value } = change;
    return { ...started, reports: [...started.reports, { step, value }] };
  }
  const { change: _, ...outcome } = change;
  return { ...started, ...outcome };
}

/** JSON with the CRC-32 of the text without it, and a newline. */
function encodeLine(change: Line): string {
  return `${JSON.stringify({ ...change, crc32: crc32(JSON.stringify(change)) })}\n`;
}

/** Reads complete lines: what follows the last newline is part of a line that a killed process was writing. */
function decodeLines(bytes: Buffer, path: string): { changes: readonly Change[]; size: number } {
  const size = bytes.lastIndexOf('\n') + 1;
  const [format, ...lines] = bytes.toString('utf8', 0, size).split('\n').slice(0, -1).map(decodeLine);
  if (format?.change !== 'format' || format.name !== FORMAT) {
    throw refused(`a study, got a file of another kind, at ${path}. Name a new file.`);
  }
  if (format.version !== FORMAT_VERSION) {
    throw refused(
      `a study of version ${FORMAT_VERSION}, got version ${format.version}, at ${path}. Open it with the release that made it.`,
    );
  }
  const changes = lines.map((change, index) => {
    if (change && change.change !== 'format') return change;
    throw refused(
      `a line that matches its checksum, got another one, at ${path}:${index + 2}. Restore a copy, or remove this line and all after it to continue from there.`,
    );
  });
  return { changes, size };
}

/** Undefined if the text is no object in JSON that matches its checksum. */
function decodeLine(text: string): Line | undefined {
  try {
    const line: Line & { readonly crc32?: number } = JSON.parse(text);
    if (!isObject(line)) return undefined;
    const { crc32: checksum, ...change } = line;
    return crc32(JSON.stringify(change)) === checksum ? change : undefined;
  } catch {
    return undefined;
  }
}

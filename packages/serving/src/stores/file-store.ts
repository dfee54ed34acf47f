import { createHash } from 'node:crypto';
import { statfsSync } from 'node:fs';
import { resolve } from 'node:path';
import { checkOptions, type OptionChecks, oneOf } from '@gru4rec/checked-options';
import type { Database, RootDatabase } from 'lmdb';
import {
  type Appended,
  appendClick,
  type Click,
  limitChecks,
  type SessionLimits,
  type SessionStore,
  type StoredSession,
  sessionLimits,
  UnreadableSession,
} from '../session-store.ts';
import { type ClickFields, clickFields, clickOf } from './click-text.ts';
import { checkDatabase, checkRoom, loadLmdb } from './lmdb-folder.ts';

/** Limits of the sessions of a folder, and when a click counts. */
export interface FileStoreOptions extends Partial<SessionLimits> {
  /**
   * `always`: a click counts when the disk has flushed it. `interval`: when it is committed, which survives the end of
   * the process; the disk is flushed in the background.
   */
  readonly sync?: 'always' | 'interval';
}

/** The checks of a store's options. */
export const storeChecks: OptionChecks<FileStoreOptions> = {
  ...limitChecks,
  sync: oneOf(['always', 'interval']),
};

/**
 * Free bytes below which a disk is treated as full, so that LMDB does not fail in the middle of a commit. Its C code would
 * then write to standard error.
 */
const MIN_FREE = 1_048_576;

/** Milliseconds between two steps of the background work. */
const TICK_MS = 1000;

/** Sessions that are looked at per step. */
const SWEEP = 1000;

/** Name of the database in the folder. Another format gets another name. */
const DATABASE = 'sessions-1';

/** A stored session. Its version in LMDB is the time of its last click. */
type Stored = readonly [dropped: number, clicks: readonly ClickFields[]];

/**
 * Sessions in a folder, in LMDB. Several processes of one machine may share it: each change is a transaction, and no two
 * transactions of any process overlap.
 *
 * Keys are SHA-256 digests, because LMDB bounds the length of keys.
 */
export class FileStore implements SessionStore {
  readonly #directory: string;
  readonly #limits: SessionLimits;
  readonly #sync: 'always' | 'interval';
  readonly #root: RootDatabase<Buffer, Buffer>;
  readonly #sessions: Database<Buffer, Buffer>;
  readonly #timer: NodeJS.Timeout;
  #lastSwept: Buffer | undefined;
  #tick: Promise<void> = Promise.resolve();

  private constructor(directory: string, options: FileStoreOptions, root: RootDatabase<Buffer, Buffer>) {
    const { sync = 'always', ...limits } = options;
    this.#directory = directory;
    this.#limits = { ...sessionLimits, ...limits };
    this.#sync = sync;
    this.#root = root;
    this.#sessions = root.openDB(DATABASE, {
      encoding: 'binary',
      keyEncoding: 'binary',
      useVersions: true,
    });
    this.#timer = setInterval(() => {
      this.#tick = this.#work();
    }, TICK_MS).unref();
  }

  /**
   * Opens the sessions of a folder, which is created if it is missing.
   * @throws Error in one line if the folder cannot be written or has another or a truncated database, or if the optional
   * package `lmdb` is not installed.
   */
  static async open(directory: string, options: FileStoreOptions = {}): Promise<FileStore> {
    checkOptions('FileStore.open', options, storeChecks);
    const path = resolve(directory);
    try {
      const { open } = await loadLmdb();
      await checkRoom(path);
      await checkDatabase(path);
      // With batching per event turn, a failed commit rejects a promise that nobody has, which would end the process.
      const folder = { path, noSubdir: false, eventTurnBatching: false };
      return new FileStore(path, options, open<Buffer, Buffer>(folder));
    } catch (cause) {
      throw new Error(`${path} cannot keep sessions: ${(cause as Error).message}`, { cause });
    }
  }

  /** Number of sessions, including sessions that are set aside, or over and not yet swept. */
  get size(): number {
    return (this.#sessions.getStats() as { entryCount: number }).entryCount;
  }

  append(sessionId: string, click: Click): Promise<Appended> {
    const key = keyOf(sessionId);
    return this.#change(() => {
      const appended = appendClick(this.#readOrSetAside(key), click, this.#limits.maxClicks);
      const { clicks, dropped } = appended.session;
      const stored: Stored = [dropped, clicks.map(clickFields)];
      // A failed commit rejects the transaction too.
      this.#sessions.put(key, Buffer.from(JSON.stringify(stored)), Date.now()).catch(ignore);
      return appended;
    });
  }

  async read(sessionId: string): Promise<StoredSession | undefined> {
    const key = keyOf(sessionId);
    const stored = this.#stored(key);
    // A separate transaction reads again, because another process may have set the session aside.
    return stored && (sessionOf(stored.value) ?? this.#change(() => this.#readOrSetAside(key)));
  }

  delete(sessionId: string): Promise<boolean> {
    const key = keyOf(sessionId);
    return this.#change(() => {
      const isKnown = this.#stored(key) !== undefined;
      for (const each of [key, asideOf(key)]) this.#sessions.remove(each).catch(ignore);
      return isKnown;
    });
  }

  async close(): Promise<void> {
    clearInterval(this.#timer);
    await this.#tick;
    await this.#root.flushed;
    await this.#root.close();
  }

  /** What is stored of a session that is not over. */
  #stored(key: Buffer): { readonly value: Buffer } | undefined {
    const entry = this.#sessions.getEntry(key);
    return entry?.version === undefined || this.#isOver(entry.version) ? undefined : entry;
  }

  /**
   * A session, in a transaction.
   * @throws UnreadableSession if it is damaged. Its value is kept under another key until the session would be over.
   */
  #readOrSetAside(key: Buffer): StoredSession | undefined {
    const stored = this.#stored(key);
    const session = stored && sessionOf(stored.value);
    if (!stored || session) return session;
    const aside = asideOf(key);
    this.#sessions.put(aside, stored.value, Date.now()).catch(ignore);
    this.#sessions.remove(key).catch(ignore);
    const [from, to] = [key, aside].map((each) => each.toString('hex'));
    throw new UnreadableSession(
      `${this.#directory}: the value of key ${from} is no list of clicks, and is kept under ${to}`,
    );
  }

  #isOver(lastClickMs: number): boolean {
    return Date.now() - lastClickMs > this.#limits.maxAgeMs;
  }

  /** Runs a change as a transaction. @returns its result, when the change counts. */
  async #change<Result>(change: () => Result): Promise<Result> {
    // The room is checked where the commit follows: 5 microseconds.
    const checked = () => {
      if (!this.#hasRoom()) throw new Error(`less than ${MIN_FREE} bytes are free`);
      return change();
    };
    const result = await this.#sessions.transaction(checked).catch(async (error: CommitError) => {
      if (error instanceof UnreadableSession) throw error;
      throw new Error(`${this.#directory} cannot be written: ${await reasonOf(error)}`, { cause: error });
    });
    if (this.#sync === 'always') await this.#sessions.flushed;
    return result;
  }

  #hasRoom(): boolean {
    const { bavail, bsize } = statfsSync(this.#directory);
    return bavail * bsize >= MIN_FREE;
  }

  async #work(): Promise<void> {
    try {
      if (this.#hasRoom()) await this.#sweep();
    } catch (error) {
      // The next change reports what is wrong.
      await reasonOf(error as CommitError);
    }
  }

  /** Looks at the next `SWEEP` sessions, and removes the sessions that are over. */
  async #sweep(): Promise<void> {
    const start = this.#lastSwept;
    const entries = [
      ...this.#sessions.getRange({ ...(start ? { start } : {}), limit: SWEEP, versions: true }),
    ];
    this.#lastSwept = entries.length < SWEEP ? undefined : entries.at(-1)?.key;
    const removed = entries.map(({ key, version = 0 }) =>
      // A click that comes first changes the version, and then nothing is removed.
      this.#isOver(version) ? this.#sessions.remove(key, version) : true,
    );
    await Promise.all(removed);
  }
}

/** Error of a failed commit. */
interface CommitError extends Error {
  /** Rejects with the reason. */
  readonly commitError?: Promise<unknown>;
}

async function reasonOf(error: CommitError): Promise<string> {
  const reason = await Promise.resolve(error.commitError).catch((cause: Error) => cause);
  return (reason instanceof Error ? reason : error).message;
}

function ignore(): void {}

function keyOf(sessionId: string): Buffer {
  return createHash('sha256').update(sessionId, 'utf16le').digest();
}

/** Key of a value that is set aside. */
function asideOf(key: Buffer): Buffer {
  return createHash('sha256').update('unreadable').update(key).digest();
}

/** The session of a stored value, or undefined if it is none. */
function sessionOf(value: Buffer): StoredSession | undefined {
  try {
    const [dropped, clicks] = JSON.parse(value.toString()) as Stored;
    return Number.isInteger(dropped) ? { clicks: clicks.map(clickOf), dropped } : undefined;
  } catch {
    return undefined;
  }
}

import type { FastifyBaseLogger } from 'fastify';
import { LRUCache } from 'lru-cache';
import { Visitors } from './visitors.ts';

/** One click of a session. */
export interface Click {
  /** The caller's item id; the model need not know it. */
  readonly item: string;
  readonly timeMs: number;
  /** The caller's id of the event, by which a repeated click is recognised. */
  readonly eventId?: string;
  readonly type?: string;
  /** Further values by column, such as `{ device: 'phone' }`. */
  readonly context?: Readonly<Record<string, string>> | undefined;
}

/** Without what is undefined. A spread would take microseconds. */
export function makeClick(
  item: string,
  timeMs: number,
  { eventId, type, context }: { readonly [Name in 'eventId' | 'type' | 'context']?: Click[Name] | undefined },
): Click {
  const click: { -readonly [Name in keyof Click]: Click[Name] } = { item, timeMs };
  if (eventId !== undefined) click.eventId = eventId;
  if (type !== undefined) click.type = type;
  if (context) click.context = context;
  return click;
}

/** A snapshot of a session, which later clicks do not change. */
export interface StoredSession {
  /** The newest clicks in order of arrival, at most as many as the store keeps. */
  readonly clicks: readonly Click[];
  /** Number of earlier clicks, which are no longer kept. */
  readonly dropped: number;
  /** Distinct items of the visitor's earlier sessions, the last clicked first, as they were when this one started. */
  readonly earlier?: readonly string[] | undefined;
}

/** The result of a click. */
export interface Appended {
  readonly session: StoredSession;
  /** Whether the session has an event with this `eventId` and item: then the click was not added. */
  readonly repeated: boolean;
}

/** Limits of the sessions that a store keeps. */
export interface SessionLimits {
  /** Clicks kept per session, the newest ones (200). */
  readonly maxClicks: number;
  /** A session without a click for longer than this is over (30 minutes). */
  readonly maxAgeMs: number;
  /** The most sessions, where memory bounds them (100,000). A new one replaces the least recently used one. */
  readonly maxSessions: number;
  /** The most bytes of sessions in memory, by `bytesOfSession` (64 MiB). A new click replaces the least recently used ones. */
  readonly maxBytes: number;
  /** How long the last 20 distinct items of a visitor, by the id of the session, are kept in memory; 0 = not (0). */
  readonly rememberMs: number;
  /** The most bytes of these items (64 MiB). The visitors that were not seen for the longest go first. */
  readonly rememberBytes: number;
}

/** How a store is opened. */
export interface StoreOptions extends Partial<SessionLimits> {
  /** Whether no click is added, so that a store that only reads works too. */
  readonly readOnly?: boolean | undefined;
  /** File that keeps the items of visitors over a restart, a store in memory's. */
  readonly visitorsFile?: string | undefined;
  /** Warned of lines of that file that cannot be read. */
  readonly logger?: Pick<FastifyBaseLogger, 'warn'> | undefined;
}

/** Whether a store works. */
export interface StoreStatus {
  readonly state: 'available' | 'unavailable';
  /** When the store failed (ISO 8601, UTC), unless it is available. */
  readonly since?: string;
  readonly error?: string;
}

/** A session that an event log has. */
export interface LoggedSession {
  readonly sessionId: string;
  readonly clicks: readonly Click[];
  /** When the last click arrived, milliseconds since 1970 UTC. */
  readonly lastMs: number;
}

/** A click counts when `append` resolves. Clicks of one session are appended in order of the calls. */
export interface SessionStore {
  /** Adds a click, unless it repeats an event. Starts the session if it is new or over. */
  append(sessionId: string, click: Click): Promise<Appended>;
  /** The session; undefined if it is unknown or over. */
  read(sessionId: string): Promise<StoredSession | undefined>;
  /** Forgets a session. @returns false if it was unknown. */
  delete(sessionId: string): Promise<boolean>;
  /** Number of sessions, or undefined if counting them is not cheap. */
  readonly size: number | undefined;
  /** Missing if the store cannot fail. */
  readonly status?: StoreStatus;
  /** Calls with each change of the status, and with the current one if it is not available. */
  watch?(onStatus: (status: StoreStatus) => void): void;
  /** By which sessions are chosen for `restore`, and after whose age a click judges no answer. */
  readonly limits?: SessionLimits;
  /** Takes over sessions of an event log, the longest unused one first. */
  restore?(sessions: Iterable<LoggedSession>): void;
  /** Rejects while the store takes no clicks. Without, `read` shows whether it works. */
  probe?(): Promise<unknown>;
  /** Writes what is kept in files, so that nothing forgotten stays there. A server calls it every five minutes, too. */
  save?(): Promise<void>;
  /** Releases everything. The store is not used afterwards. */
  close(): Promise<void>;
}

export const NO_CLICKS: StoredSession = { clicks: [], dropped: 0 };

export const sessionLimits: SessionLimits = {
  maxClicks: 200,
  maxAgeMs: 30 * 60_000,
  maxSessions: 100_000,
  maxBytes: 64 * 2 ** 20,
  rememberMs: 0,
  rememberBytes: 64 * 2 ** 20,
};

/** In memory: two per character, 100 per click and 160 for the rest. */
export function bytesOfSession(sessionId: string, clicks: readonly Click[]): number {
  let characters = sessionId.length;
  for (const { item, eventId = '', type = '', context } of clicks) {
    characters += item.length + eventId.length + type.length;
    for (const name in context) characters += name.length + (context[name] ?? '').length + 16;
  }
  return 160 + 100 * clicks.length + 2 * characters;
}

/** The sessions end with the process, unless an event log restores them. */
export class MemoryStore implements SessionStore {
  readonly limits: SessionLimits;
  readonly #sessions: LRUCache<string, StoredSession>;
  readonly #events: EventIds;
  readonly #visitors: Visitors | undefined;

  constructor({ visitorsFile, logger, ...limits }: Omit<StoreOptions, 'readOnly'> = {}) {
    this.limits = { ...sessionLimits, ...limits };
    const { maxAgeMs, maxSessions, maxBytes, rememberMs } = this.limits;
    this.#sessions = new LRUCache({
      max: maxSessions,
      ttl: maxAgeMs,
      ttlResolution: 0,
      perf: Date,
      maxSize: maxBytes,
      sizeCalculation: ({ clicks }, sessionId) => bytesOfSession(sessionId, clicks),
    });
    this.#events = new EventIds(this.limits);
    if (rememberMs > 0) this.#visitors = new Visitors(this.limits, visitorsFile, logger);
  }

  get size(): number {
    this.#sessions.purgeStale();
    return this.#sessions.size;
  }

  async append(sessionId: string, click: Click): Promise<Appended> {
    const before = this.#read(sessionId) ?? NO_CLICKS;
    if (!this.#events.add(sessionId, click)) return { session: before, repeated: true };
    const { clicks, dropped, earlier } = before;
    const surplus = Math.max(0, clicks.length + 1 - this.limits.maxClicks);
    const session = { clicks: [...clicks.slice(surplus), click], dropped: dropped + surplus, earlier };
    this.#sessions.set(sessionId, session);
    this.#visitors?.add(sessionId, [click]);
    return { session, repeated: false };
  }

  async read(sessionId: string): Promise<StoredSession | undefined> {
    return this.#read(sessionId);
  }

  #read(sessionId: string): StoredSession | undefined {
    const session = this.#sessions.get(sessionId);
    const earlier = session ? undefined : this.#visitors?.get(sessionId);
    return earlier ? { ...NO_CLICKS, earlier } : session;
  }

  async delete(sessionId: string): Promise<boolean> {
    this.#events.delete(sessionId);
    const wasRemembered = this.#visitors?.delete(sessionId) ?? false;
    return this.#sessions.delete(sessionId) || wasRemembered;
  }

  restore(sessions: Iterable<LoggedSession>): void {
    for (const { sessionId, clicks, lastMs: start } of sessions) {
      const kept = clicks.slice(-this.limits.maxClicks);
      this.#sessions.set(sessionId, { clicks: kept, dropped: clicks.length - kept.length }, { start });
      for (const click of clicks) this.#events.add(sessionId, click, start);
      this.#visitors?.add(sessionId, clicks, start);
    }
  }

  /** Replaces the clicks of a session by those that another store has; its events stay. */
  put(sessionId: string, session: StoredSession | undefined): void {
    if (session) this.#sessions.set(sessionId, session, { noUpdateTTL: true });
    else this.#sessions.delete(sessionId);
  }

  async save(): Promise<void> {
    await this.#visitors?.save();
  }

  async close(): Promise<void> {
    this.#sessions.clear();
    await this.#visitors?.close();
  }
}

/** The most bytes of all ids; those of the sessions that were used last stay. */
const MOST_BYTES = 2 ** 25;
const MOST_IDS = 1000;

interface SeenEvents {
  readonly ids: Set<string>;
  readonly bytes: number;
}

/** An event counts once even if the store no longer has its click or its session. */
class EventIds {
  readonly #sessions: LRUCache<string, SeenEvents>;

  constructor({ maxAgeMs: ttl }: SessionLimits) {
    this.#sessions = new LRUCache({
      ttl,
      ttlResolution: 0,
      perf: Date,
      maxSize: MOST_BYTES,
      sizeCalculation: ({ bytes }) => bytes,
    });
  }

  /** @param start - when the click arrived, if not now. @returns false if the click is repeated: same event and item. */
  add(sessionId: string, { eventId, item }: Click, start?: number): boolean {
    if (eventId === undefined && this.#sessions.size === 0) return true;
    const seen = this.#sessions.get(sessionId);
    const time = start === undefined ? {} : { start };
    if (eventId === undefined) {
      // The session lives on, and so do its events.
      if (seen) this.#sessions.set(sessionId, seen, time);
      return true;
    }
    const id = `${eventId.length} ${eventId}${item}`;
    const { ids, bytes } = seen ?? { ids: new Set<string>(), bytes: 100 + 2 * sessionId.length };
    if (ids.has(id)) return false;
    let added = bytesOf(id);
    if (ids.size === MOST_IDS) {
      const [oldest = ''] = ids;
      ids.delete(oldest);
      added -= bytesOf(oldest);
    }
    this.#sessions.set(sessionId, { ids: ids.add(id), bytes: bytes + added }, time);
    return true;
  }

  delete(sessionId: string): void {
    this.#sessions.delete(sessionId);
  }
}

function bytesOf(id: string): number {
  return 60 + 2 * id.length;
}

import { integer, type OptionChecks, positive } from '@gru4rec/checks';

/** One click of a session. */
export interface Click {
  /** The caller's item id; the model need not know it. */
  readonly item: string;
  readonly timeMs: number;
  /** The caller's id of the event, by which a repeated click is recognised. */
  readonly eventId?: string;
  /** Such as `cart`. */
  readonly type?: string;
  /** Further values by column, such as `{ device: 'phone' }`. */
  readonly context?: Readonly<Record<string, string>>;
}

/** A snapshot of a session, which later clicks do not change. */
export interface StoredSession {
  /** The newest clicks in order of arrival, at most as many as the store keeps. */
  readonly clicks: readonly Click[];
  /** Number of earlier clicks, which are no longer kept. */
  readonly dropped: number;
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
}

/** Whether a store works. */
export interface StoreStatus {
  /** `unavailable`: the store fails, and sessions are in memory. */
  readonly state: 'available' | 'unavailable';
  /** When the store failed (ISO 8601, UTC), unless it is available. */
  readonly since?: string;
  /** In one line. */
  readonly error?: string;
}

/** A session that an event log has. */
export interface LoggedSession {
  readonly sessionId: string;
  /** In order of arrival, perhaps more than a store keeps. */
  readonly clicks: readonly Click[];
  /** When the last click arrived, milliseconds since 1970 UTC. */
  readonly lastMs: number;
}

/**
 * Lists of clicks, and nothing that depends on a model. A click counts when `append` resolves. Clicks of one
 * session are appended in order of the calls.
 */
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
  /** Limits by which sessions of an event log are chosen for `restore`, and after whose age a click judges no answer. */
  readonly limits?: SessionLimits;
  /** Takes over what an event log has of sessions that are not over, the longest unused one first. */
  restore?(sessions: Iterable<LoggedSession>): void;
  /** Releases everything. The store is not used afterwards. */
  close(): Promise<void>;
}

export const sessionLimits: SessionLimits = {
  ...{ maxClicks: 200, maxAgeMs: 30 * 60_000 },
  ...{ maxSessions: 100_000, maxBytes: 64 * 2 ** 20 },
};

export const limitChecks: OptionChecks<Partial<SessionLimits>> = {
  ...{ maxClicks: integer(1), maxAgeMs: positive, maxSessions: integer(1), maxBytes: positive },
};

/** Bytes in memory: two per character, 100 per click and 160 for the rest (measured: 266 for a click, estimated 292). */
export function bytesOfSession(sessionId: string, clicks: readonly Click[]): number {
  let characters = sessionId.length;
  for (const { item, eventId = '', type = '', context } of clicks) {
    characters += item.length + eventId.length + type.length;
    for (const [name, value] of Object.entries(context ?? {})) characters += name.length + value.length + 16;
  }
  return 160 + 100 * clicks.length + 2 * characters;
}

/** @param before - undefined if the session is new. */
export function appendClick(
  { clicks, dropped }: StoredSession = { clicks: [], dropped: 0 },
  click: Click,
  maxClicks: number,
): StoredSession {
  const surplus = Math.max(0, clicks.length + 1 - maxClicks);
  return { clicks: [...clicks.slice(surplus), click], dropped: dropped + surplus };
}

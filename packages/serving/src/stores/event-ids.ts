import { LRUCache } from 'lru-cache';
import type { Click, SessionLimits } from '../session-store.ts';

/** The most bytes of all ids; those of the sessions that were used last stay. */
const MOST_BYTES = 2 ** 25;
/** The most ids of a session, the newest ones. */
const MOST_IDS = 1000;

interface SeenEvents {
  readonly ids: Set<string>;
  readonly bytes: number;
}

/**
 * The events of the sessions, by which a repeated click is recognised until its session is over or deleted. They are kept
 * apart from the clicks, so that an event counts once even if the store no longer has its click or its session.
 */
export class EventIds {
  readonly #sessions: LRUCache<string, SeenEvents>;

  constructor({ maxAgeMs: ttl }: Pick<SessionLimits, 'maxAgeMs'>, now: () => number) {
    this.#sessions = new LRUCache({
      ...{ ttl, ttlResolution: 0, perf: { now }, maxSize: MOST_BYTES, sizeCalculation: ({ bytes }) => bytes },
    });
  }

  /**
   * Adds the event of a click.
   *
   * @param start - when the click arrived, if not now.
   * @returns false if the session has this event with the same item: the click is repeated.
   */
  add(sessionId: string, { eventId, item }: Click, start?: number): boolean {
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

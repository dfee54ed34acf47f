import type { Click, LoggedSession, SessionLimits, SessionStore } from '../sessions/session-store.ts';
import type { LoggedClick } from '../traffic.ts';
import { clickOfLine, deletedHash, hashOf, linesFromEnd } from './log-lines.ts';

const [HEAD, NEXT] = ['{"SessionId":"', '","ItemId":"'] as const;
/** Bytes of clicks that are read beside what a store keeps of sessions: of those, it remembers the events. */
const EVENT_BYTES = 2 ** 25;

/** Restores the sessions that are not over, reading the log from its end. */
export async function restoreSessions(directory: string, store: SessionStore): Promise<void> {
  if (!store.limits || !store.restore) return;
  const found = new FoundSessions(store.limits, Date.now());
  for await (const lines of linesFromEnd(directory)) {
    if (found.isComplete(lines)) break;
    for (let at = lines.length - 1; at >= 0; at--) found.add(lines[at] as string);
  }
  store.restore(found.sessions());
}

/** The most clicks that are read for what is trending. */
export const LATEST_CLICKS = 100_000;

/** The latest clicks of a log, in order. */
export async function latestClicks(directory: string): Promise<LoggedClick[]> {
  const clicks: LoggedClick[] = [];
  for await (const lines of linesFromEnd(directory)) {
    clicks.push(...lines.toReversed().flatMap((line) => clickOfLine(line) ?? []));
    if (clicks.length >= LATEST_CLICKS) break;
  }
  return clicks.slice(0, LATEST_CLICKS).reverse();
}

interface FoundSession {
  readonly clicks: Click[];
  readonly lastMs: number;
  firstMs: number;
}

class FoundSessions {
  readonly #limits: SessionLimits;
  readonly #nowMs: number;
  readonly #found = new Map<string, FoundSession>();
  readonly #deleted = new Set<string>();
  #bytes = 0;
  /** Whether sessions that are not found yet are over, or more than a store keeps. One wrong time does not say so. */
  #isPast = false;
  /** Clicks that arrived earlier belong to no session that goes on. */
  #reachMs: number;

  constructor(limits: SessionLimits, nowMs: number) {
    this.#limits = limits;
    this.#nowMs = nowMs;
    this.#reachMs = nowMs - limits.maxAgeMs;
  }

  /** @param lines - in order, with an empty one after the last line end. */
  isComplete(lines: readonly string[]): boolean {
    const { maxAgeMs, maxBytes } = this.#limits;
    const { arrivedMs = Number.POSITIVE_INFINITY } = clickOfLine(lines.at(-2) ?? '') ?? {};
    this.#isPast ||= arrivedMs < this.#nowMs - maxAgeMs || this.#bytes > maxBytes + EVENT_BYTES;
    return arrivedMs < this.#reachMs;
  }

  add(line: string): void {
    if (this.#isPast && !this.#mayBelong(line)) return;
    const deleted = deletedHash(line);
    if (deleted !== undefined) this.#deleted.add(deleted);
    const logged = clickOfLine(line);
    if (!logged) return;
    const { sessionId, click, arrivedMs } = logged;
    const { maxAgeMs } = this.#limits;
    const known = this.#found.get(sessionId);
    if (known ? this.#isFull(known) : this.#isPast) return;
    if (arrivedMs < (known?.firstMs ?? this.#nowMs) - maxAgeMs) return;
    if (this.#deleted.size > 0 && this.#deleted.has(hashOf(sessionId))) return;
    const session = known ?? { clicks: [], lastMs: Math.min(arrivedMs, this.#nowMs), firstMs: arrivedMs };
    if (!known) this.#found.set(sessionId, session);
    session.clicks.push(click);
    session.firstMs = arrivedMs;
    this.#reachMs = Math.min(this.#reachMs, arrivedMs - maxAgeMs);
    this.#bytes += 100 + 2 * (click.item.length + (click.eventId?.length ?? 0));
  }

  sessions(): LoggedSession[] {
    return [...this.#found]
      .map(([sessionId, { clicks, lastMs }]) => ({ sessionId, clicks: clicks.reverse(), lastMs }))
      .reverse();
  }

  /** Whether a line may be a click of a session that was found; quick, without parsing most lines. */
  #mayBelong(line: string): boolean {
    if (!line.startsWith(HEAD)) return true;
    const session = line.slice(HEAD.length, line.indexOf(NEXT, HEAD.length));
    const known = this.#found.get(session);
    return known ? !this.#isFull(known) : session.includes('\\');
  }

  /** While sessions are looked for, all of their clicks are wanted, because their events are remembered longer. */
  #isFull({ clicks }: FoundSession): boolean {
    return this.#isPast && clicks.length >= this.#limits.maxClicks;
  }
}

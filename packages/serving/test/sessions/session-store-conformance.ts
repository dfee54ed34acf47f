import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Appended, Click, SessionLimits, SessionStore, StoredSession } from '../../src/index.ts';

/** A store under test, and its clock. */
export interface TestedStore {
  readonly store: SessionStore;
  /** Lets time pass for the store. */
  advance(ms: number): Promise<void>;
}

/** Opens an empty store, which the end of the test closes. */
export type OpenTested = (limits: Partial<SessionLimits>) => Promise<TestedStore>;

const click = (item: string, eventId?: string): Click => ({
  item,
  timeMs: 1,
  ...(eventId === undefined ? {} : { eventId }),
});
const MAX_AGE_MS = 600_000;

/** What every `SessionStore` does. */
export function sessionStoreConformance(name: string, open: OpenTested): void {
  describe(`${name} as a session store`, () => {
    it('does not take an item or the end of an id for an event id', async () => {
      const { store } = await open({});
      await store.append('ann', click('x'));
      await store.append('ann', click('y', 'a,"x'));
      await store.append('ann', click('z', 'nullx'));
      for (const eventId of ['x', 'null', '', '"x', ',"x"]']) {
        expect(await store.append('ann', click('w', eventId))).toMatchObject({ repeated: false });
      }
    });

    it('takes any ids', async () => {
      const { store } = await open({});
      const text = fc.string({ unit: 'binary', maxLength: 600 });
      await fc.assert(
        fc.asyncProperty(text, text, text, async (sessionId, item, eventId) => {
          await store.delete(sessionId);
          await store.append(sessionId, click(item, eventId));
          expect(await store.read(sessionId)).toEqual({ clicks: [click(item, eventId)], dropped: 0 });
          expect((await store.append(sessionId, click(item, eventId))).repeated).toBe(true);
        }),
        { numRuns: 30 },
      );
    });

    it('equals a naive model, whatever happens', async () => {
      await fc.assert(
        fc.asyncProperty(
          fc.integer({ min: 1, max: 5 }),
          fc.array(step, { maxLength: 25 }),
          async (maxClicks, steps) => {
            const { store, advance } = await open({ maxClicks, maxAgeMs: MAX_AGE_MS });
            const model = new NaiveStore(maxClicks);
            for (const given of steps) {
              if (typeof given === 'number') {
                await advance(given);
                model.now += given;
              } else {
                // At the same time, so the order of the calls counts.
                const answers = given.map((change) => apply(store, change));
                const expected = given.map((change) => model.apply(change));
                expect(await Promise.all(answers)).toEqual(expected);
              }
              for (const sessionId of SESSIONS) {
                expect(await store.read(sessionId)).toEqual(model.read(sessionId));
              }
            }
            for (const sessionId of SESSIONS) await store.delete(sessionId);
          },
        ),
        { numRuns: 25 },
      );
    });
  });
}

const SESSIONS = ['ann', 'bob', ''];

interface Change {
  readonly sessionId: string;
  /** Without a click, the session is deleted. */
  readonly click?: Click | undefined;
}

const change: fc.Arbitrary<Change> = fc.record({
  sessionId: fc.constantFrom(...SESSIONS),
  click: fc.option(
    fc.record(
      { item: fc.constantFrom('a', 'b', 'c'), timeMs: fc.nat(), eventId: fc.constantFrom('1', '2', '3') },
      { requiredKeys: ['item', 'timeMs'] },
    ),
    { nil: undefined, freq: 8 },
  ),
});

/** Changes at the same time, or milliseconds that pass. */
const step = fc.oneof(
  { arbitrary: fc.array(change, { minLength: 1, maxLength: 6 }), weight: 4 },
  { arbitrary: fc.constantFrom(0.3 * MAX_AGE_MS, 0.45 * MAX_AGE_MS, 1.1 * MAX_AGE_MS), weight: 1 },
);

function apply(store: SessionStore, { sessionId, click: given }: Change): Promise<Appended | boolean> {
  return given ? store.append(sessionId, given) : store.delete(sessionId);
}

/** Sessions as the interface describes them. */
class NaiveStore {
  now = 0;
  readonly #maxClicks: number;
  readonly #sessions = new Map<string, { session: StoredSession; atMs: number; events: readonly string[] }>();

  constructor(maxClicks: number) {
    this.#maxClicks = maxClicks;
  }

  read(sessionId: string): StoredSession | undefined {
    const found = this.#sessions.get(sessionId);
    return found && this.now - found.atMs <= MAX_AGE_MS ? found.session : undefined;
  }

  apply({ sessionId, click: given }: Change): Appended | boolean {
    const before = this.read(sessionId);
    if (!given) return this.#sessions.delete(sessionId) && before !== undefined;
    const events = before ? (this.#sessions.get(sessionId)?.events ?? []) : [];
    const event = given.eventId === undefined ? [] : [`${given.eventId} ${given.item}`];
    if (before && events.includes(event[0] ?? '')) return { session: before, repeated: true };
    const all = [...(before?.clicks ?? []), given];
    const kept = all.slice(-this.#maxClicks);
    const session = { clicks: kept, dropped: (before?.dropped ?? 0) + all.length - kept.length };
    this.#sessions.set(sessionId, { session, atMs: this.now, events: [...events, ...event] });
    return { session, repeated: false };
  }
}

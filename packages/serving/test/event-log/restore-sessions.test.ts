import { appendFileSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it, onTestFinished, vi } from 'vitest';
import { DayFile } from '../../src/event-log/day-file.ts';
import { deletionLine, hashOf, logLine } from '../../src/event-log/log-lines.ts';
import { type Click, EventLog, MemoryStore, restoreSessions } from '../../src/index.ts';
import { clickOf, eventOf, linesIn } from '../clicks.ts';
import { startServer, testFolder } from '../tiny-server.ts';

const NOON = Date.UTC(2026, 4, 1, 12);
const MINUTE = 60_000;

/** Lines of a log, as a server writes them at times, and a store that restores them at noon. */
function logged() {
  vi.useFakeTimers({ toFake: ['Date'], now: NOON });
  onTestFinished(() => void vi.useRealTimers());
  const directory = testFolder();
  const lineAt = (text: string, arrivedMs: number) =>
    appendFileSync(join(directory, `${new Date(arrivedMs).toISOString().slice(0, 10)}.jsonl`), text);
  return {
    directory,
    click(sessionId: string, click: Omit<Click, 'timeMs'> & { timeMs?: number }, arrivedMs: number) {
      const { item, ...more } = click;
      lineAt(logLine({ ...eventOf(sessionId, item, { timeMs: arrivedMs, ...more }), arrivedMs }), arrivedMs);
    },
    forget: (sessionId: string, arrivedMs: number) => lineAt(deletionLine(sessionId, arrivedMs), arrivedMs),
    async restored(limits = {}) {
      const store = new MemoryStore(limits);
      await restoreSessions(directory, store);
      return store;
    },
  };
}
const itemsOf = async (store: MemoryStore, sessionId: string) =>
  (await store.read(sessionId))?.clicks.map(({ item }) => item);

describe('restoreSessions', () => {
  it('has the sessions that are not over, by arrival, from their first click on, over midnight too', async () => {
    const log = logged();
    const about = { type: 'cart', context: { device: 'phone' }, eventId: 'e"\\1', timeMs: 5 };
    log.click('over', { item: 'z' }, NOON - 31 * MINUTE);
    log.click('long \\"é', { item: 'a', ...about }, NOON - 13 * 60 * MINUTE);
    for (let at = 12 * 60 + 50; at > 0; at -= 25)
      log.click('long \\"é', { item: String(at) }, NOON - at * MINUTE);
    log.click('late', { item: 'of a client', timeMs: NOON - 600 * MINUTE }, NOON - 29 * MINUTE);
    log.click('visitor', { item: 'before' }, NOON - 60 * MINUTE);
    log.click('visitor', { item: 'now' }, NOON - MINUTE);
    const store = await log.restored();
    expect(store.size).toBe(3);
    const long = (await store.read('long \\"é'))?.clicks ?? [];
    expect([long.length, long[0]]).toEqual([32, { item: 'a', ...about }]);
    expect(await itemsOf(store, 'late')).toEqual(['of a client']);
    expect(await itemsOf(store, 'visitor')).toEqual(['now']);
    vi.setSystemTime(NOON + 2 * MINUTE);
    expect(await store.read('late')).toBeUndefined();
  });

  it('honours deletions, and skips what is no click', async () => {
    const log = logged();
    log.click('ann', { item: 'a', eventId: '1' }, NOON - 3);
    log.click('bob', { item: 'b' }, NOON - 3);
    log.forget('ann', NOON - 2);
    log.forget('cy', NOON - 2);
    log.click('ann', { item: 'c' }, NOON - 1);
    const [day = ''] = readdirSync(log.directory);
    appendFileSync(join(log.directory, day), `   \n{}\n${'x'.repeat(3 << 20)}\n`);
    log.click('bob', { item: 'd' }, NOON);
    appendFileSync(join(log.directory, day), '{"SessionId":"bob","ItemId":"torn');
    const store = await log.restored();
    expect(await itemsOf(store, 'ann')).toEqual(['c']);
    expect(await itemsOf(store, 'bob')).toEqual(['b', 'd']);
    const again = await store.append('ann', clickOf('a', '1'));
    expect(again.repeated).toBe(false);
  });

  it('keeps the newest clicks, the sessions that were used last, and the events of others', async () => {
    const log = logged();
    for (let at = 0; at < 5; at++)
      log.click('ann', { item: String(at), eventId: String(at) }, NOON - 100 + at);
    for (let at = 0; at < 5; at++) log.click(`s${at}`, { item: 'x' }, NOON - 50 + at);
    const store = await log.restored({ maxClicks: 2, maxSessions: 3 });
    expect([await store.read('ann'), await store.read('s1')]).toEqual([undefined, undefined]);
    expect(await itemsOf(store, 's2')).toEqual(['x']);
    const again = await store.append('ann', clickOf('0', '0'));
    expect(again.repeated).toBe(true);
    const all = await log.restored({ maxClicks: 2 });
    expect(await itemsOf(all, 'ann')).toEqual(['3', '4']);
  });

  it('has the sessions of a store that never ended, whatever happens', async () => {
    const step = fc.record({
      sessionId: fc.constantFrom('a', 'b', 'ü"'),
      minutes: fc.constantFrom(0, 1, 20, 31),
      click: fc.option(
        fc.record(
          { item: fc.constantFrom('x', 'y'), eventId: fc.constantFrom('1', '2') },
          { requiredKeys: ['item'] },
        ),
        { freq: 8 },
      ),
    });
    await fc.assert(
      fc.asyncProperty(fc.array(step, { maxLength: 40 }), async (steps) => {
        const log = logged();
        const store = new MemoryStore();
        for (const { sessionId, minutes, click } of steps) {
          vi.setSystemTime(Date.now() + minutes * MINUTE);
          if (!click) {
            await store.delete(sessionId);
            log.forget(sessionId, Date.now());
          } else {
            const { repeated } = await store.append(sessionId, { ...click, timeMs: Date.now() });
            if (!repeated) log.click(sessionId, click, Date.now());
          }
        }
        const restored = await log.restored();
        for (const id of ['a', 'b', 'ü"']) {
          expect(await restored.read(id)).toEqual(await store.read(id));
          for (const click of ['x1', 'x2', 'y1', 'y2'].map(([item = '', eventId]) => clickOf(item, eventId)))
            expect(await restored.append(id, click)).toEqual(await store.append(id, click));
        }
      }),
      { numRuns: 25 },
    );
  });

  it('has the sessions of a store that never ended, from a log of many parts', async () => {
    const log = logged();
    const limits = { maxClicks: 50 };
    const store = new MemoryStore(limits);
    const lines: string[] = [];
    // 8,000 clicks of five hours in sessions of one to 300 clicks; "s0" clicks all the time.
    for (let at = 0; at < 8000; at++) {
      vi.setSystemTime(NOON - (8000 - at) * 2400);
      const item = String(at).padEnd(300, 'x');
      const sessionId = at % 700 === 0 ? 's0' : `s${(at % 7) + 7 * Math.floor(at / ((at % 7) * 300 + 10))}`;
      const event = eventOf(sessionId, item, { eventId: String(at % 90), timeMs: Date.now() });
      const { repeated } = await store.append(sessionId, event.click);
      if (!repeated) lines.push(logLine(event));
    }
    writeFileSync(join(log.directory, '2026-05-01.jsonl'), lines.join(''));
    vi.setSystemTime(NOON);
    const restored = await log.restored(limits);
    expect(restored.size).toBe(store.size);
    expect(store.size).toBeGreaterThan(50);
    const ids = new Set(lines.map((line) => JSON.parse(line).SessionId as string));
    for (const id of ids) {
      const [after, before] = [await restored.read(id), await store.read(id)];
      expect(after?.clicks).toEqual(before?.clicks);
    }
  });

  it('says which log cannot be read', async () => {
    const missing = join(testFolder(), 'none');
    await expect(restoreSessions(missing, new MemoryStore())).rejects.toThrow(
      `The event log ${missing} cannot be read`,
    );
  });
});

describe('A server with an event log', () => {
  const directory = testFolder(afterAll);
  let server: Awaited<ReturnType<typeof start>>;
  beforeAll(async () => {
    server = await start(afterAll);
  }, 60_000);

  async function start(cleanUp?: typeof afterAll) {
    const sessions = new MemoryStore();
    const running = await startServer({ observers: [await EventLog.open(directory)], sessions }, cleanUp);
    const { ask } = running;
    return {
      ...{ ...running, sessions },
      click: async (session: string, item: string, eventId: string) =>
        (await ask(`/v1/sessions/${session}/events`, { item, eventId, n: 0 })).status,
      forget: async (session: string) =>
        (await ask(`/v1/sessions/${session}`, undefined, { method: 'DELETE' })).status,
    };
  }

  /** The items of a session in the log, and `deleted` for each deletion. */
  const loggedOf = (session: string) =>
    linesIn(directory).flatMap(({ SessionId, ItemId, Deleted }) => {
      if (Deleted === hashOf(session)) return ['deleted'];
      return SessionId === session ? [ItemId] : [];
    });

  it('logs an event that is repeated after DELETE, because it counts again', async () => {
    for (const item of ['1021', '1035']) expect(await server.click('ann', item, item)).toBe(200);
    expect(await server.forget('ann')).toBe(204);
    expect(await server.click('ann', '1021', '1021')).toBe(200);
    expect(await itemsOf(server.sessions, 'ann')).toEqual(['1021']);
    expect(loggedOf('ann')).toEqual(['1021', '1035', 'deleted', '1021']);
  });

  it('neither counts nor logs an event that is repeated after 200 clicks', async () => {
    for (let at = 0; at <= 200; at++) await server.click('bob', '1021', String(at));
    expect(await server.click('bob', '1021', '0')).toBe(200);
    expect((await server.sessions.read('bob'))?.dropped).toBe(1);
    expect(loggedOf('bob')).toHaveLength(201);
  });

  it('refuses ids with a lone surrogate, which no log can have', async () => {
    for (const wrong of [{ item: '\uDC00' }, { eventId: '\uD800' }, { context: { '\uD800': 'x' } }]) {
      const { status, body } = await server.ask('/v1/sessions/cy/events', { item: '1021', ...wrong });
      expect(status).toBe(400);
      expect(body.detail).toMatch(/must be Unicode without lone surrogates, got "\\ud[8c]00"$/);
    }
    expect(await server.click('cy', '1021', '\u{1F600}')).toBe(200);
    expect(loggedOf('cy')).toEqual(['1021']);
  });

  it('answers DELETE with 503 while the log cannot be written, and then keeps the session', async () => {
    await server.click('dan', '1021', '1');
    const append = vi.spyOn(DayFile.prototype, 'append').mockRejectedValue(new Error('ENOSPC'));
    onTestFinished(() => void append.mockRestore());
    expect(await server.click('dan', '1035', '2')).toBe(200);
    expect(await server.forget('dan')).toBe(503);
    expect(await itemsOf(server.sessions, 'dan')).toEqual(['1021', '1035']);
    append.mockRestore();
    await expect.poll(() => server.forget('dan'), { timeout: 5000, interval: 200 }).toBe(204);
    expect(await itemsOf(server.sessions, 'dan')).toBeUndefined();
    expect(loggedOf('dan')).toEqual(['1021', '1035', 'deleted']);
  });

  it('has its sessions and events after a restart, when a client counts again from 1', async () => {
    for (const [at, item] of ['1021', '1035'].entries()) await server.click('eve', item, String(at + 1));
    await server.server.stop({ probeMs: 0 });
    const second = await start();
    expect(await itemsOf(second.sessions, 'eve')).toEqual(['1021', '1035']);
    // The first one is sent again, the others are new.
    for (const [at, item] of ['1021', '1007', '1014'].entries())
      expect(await second.click('eve', item, String(at + 1))).toBe(200);
    const all = ['1021', '1035', '1007', '1014'];
    expect(await itemsOf(second.sessions, 'eve')).toEqual(all);
    expect(loggedOf('eve')).toEqual(all);
    expect((await second.sessions.read('bob'))?.clicks).toHaveLength(200);
    expect([await itemsOf(second.sessions, 'ann'), await itemsOf(second.sessions, 'dan')]).toEqual([
      ['1021'],
      undefined,
    ]);
  });
});

import { describe, expect, it } from 'vitest';
import { bytesOfSession, MemoryStore } from '../../src/sessions/session-store.ts';
import { clickOf } from '../clicks.ts';

describe('MemoryStore', () => {
  it('counts an event once, also when it no longer has its click or its session', async () => {
    const store = new MemoryStore({ maxClicks: 2, maxSessions: 1 });
    expect((await store.append('s', clickOf('a', '1'))).repeated).toBe(false);
    expect(await store.append('s', clickOf('a', '1'))).toEqual({
      session: { clicks: [clickOf('a', '1')], dropped: 0 },
      repeated: true,
    });
    for (const id of ['2', '3']) await store.append('s', clickOf('c', id));
    expect((await store.append('s', clickOf('a', '1'))).repeated).toBe(true);
    await store.append('t', clickOf('a', '1'));
    expect(await store.append('s', clickOf('a', '1'))).toEqual({
      session: { clicks: [], dropped: 0 },
      repeated: true,
    });
  });

  it('remembers the newest 1,000 events of a session, and 32 MiB of all', async () => {
    const store = new MemoryStore();
    for (let at = 0; at <= 1000; at++) await store.append('s', clickOf('a', String(at)));
    expect((await store.append('s', clickOf('a', '1'))).repeated).toBe(true);
    expect((await store.append('s', clickOf('a', '0'))).repeated).toBe(false);
    const long = 'x'.repeat(512);
    // An event takes 60 bytes and two per character: 14 MB and 37 MB of others.
    for (const [sessions, repeated] of [
      [7, true],
      [17, false],
    ] as const) {
      for (let at = 0; at < 1000 * sessions; at++)
        await store.append(`${sessions}-${at >> 9}`, clickOf(long, `${at}`.padEnd(512)));
      expect((await store.append('s', clickOf('a', '999'))).repeated).toBe(repeated);
    }
  });

  it('keeps 64 MiB of sessions: 20,585 of a click with ids of 500 characters', async () => {
    const store = new MemoryStore();
    const id = (at: number) => String(at).padEnd(500, 'x');
    for (let at = 0; at < 21_000; at++) await store.append(id(at), clickOf(id(at), id(at)));
    expect(store.size).toBe(20_585);
    expect(store.size).toBe(Math.floor((64 * 2 ** 20) / (160 + 100 + 2 * 1500)));
    expect(await store.read(id(21_000 - 20_585 - 1))).toBeUndefined();
    expect(await store.read(id(21_000 - 20_585))).toBeDefined();
  });

  it('makes room for each click of a session', async () => {
    const two = bytesOfSession('a', [clickOf('x'), clickOf('x')]);
    const store = new MemoryStore({ maxBytes: 2 * two });
    for (const session of ['a', 'a', 'b', 'b']) await store.append(session, clickOf('x'));
    expect(store.size).toBe(2);
    await store.append('b', clickOf('x'));
    expect(await store.read('a')).toBeUndefined();
    expect((await store.read('b'))?.clicks).toHaveLength(3);
  });
});

import { setTimeout } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import { FileStore } from '../../src/index.ts';
import { testFolder } from '../tiny-server.ts';
import { type Clicking, startClicking } from './start-click-process.ts';

const SESSIONS = ['a', 'b', 'c', 'd', 'e', 'f'];
const ROUNDS = 8;

/** The items of the clicks that are stored, per session. */
async function storedItems(directory: string): Promise<Record<string, string[]>> {
  const store = await FileStore.open(directory, { maxClicks: 100_000 });
  try {
    const sessions = await Promise.all(SESSIONS.map((sessionId) => store.read(sessionId)));
    return Object.fromEntries(
      SESSIONS.map((sessionId, at) => [sessionId, sessions[at]?.clicks.map(({ item }) => item) ?? []]),
    );
  } finally {
    await store.close();
  }
}

/** Acknowledged clicks of a process, per session, without repeats. */
function itemsBySession(clicking: Clicking): Record<string, string[]> {
  const lines = clicking.acknowledged().filter(([, , repeated]) => repeated === 'false');
  return Object.fromEntries(
    SESSIONS.map((id) => [id, lines.filter(([session]) => session === id).map(([, item]) => item as string)]),
  );
}

describe('FileStore, killed by kill -9', () => {
  it.each(['always', 'interval'] as const)(
    'loses no acknowledged click and counts none twice, with sync %s',
    async (sync) => {
      const directory = testFolder();
      let acknowledged: Record<string, number> = Object.fromEntries(SESSIONS.map((id) => [id, 0]));
      for (let round = 0; round < ROUNDS; round++) {
        const clicking = await startClicking({ directory, sync, name: 'p', acknowledged });
        await setTimeout(20 + 250 * Math.random());
        await clicking.kill();
        const repeats = clicking.acknowledged().filter(([, , repeated]) => repeated === 'true');
        // At most the last acknowledged click of a session and the one in flight were there already.
        expect(repeats.length).toBeLessThanOrEqual(2 * SESSIONS.length);
        const stored = await storedItems(directory);
        for (const [id, items] of Object.entries(stored)) {
          expect(items).toEqual(items.map((_, at) => `p${at}`));
          const acked = clicking.acknowledged().filter(([session]) => session === id);
          const last = Number(acked.at(-1)?.[1]?.slice(1) ?? -1);
          const count = Math.max(acknowledged[id] ?? 0, last + 1);
          expect(items.length).toBeGreaterThanOrEqual(count);
          expect(items.length).toBeLessThanOrEqual(count + 1);
          acknowledged = { ...acknowledged, [id]: count };
        }
      }
      expect(Math.min(...Object.values(acknowledged))).toBeGreaterThan(ROUNDS);
    },
  );
});

describe('FileStore, shared by two processes', () => {
  it('keeps the clicks of both, also if one is killed by kill -9', async () => {
    const directory = testFolder();
    const nothing = Object.fromEntries(SESSIONS.map((id) => [id, 0]));
    const task = { directory, sync: 'always', acknowledged: nothing } as const;
    const [first, second] = await Promise.all([
      startClicking({ ...task, name: 'p' }),
      startClicking({ ...task, name: 'q' }),
    ]);
    await setTimeout(700);
    await first.kill();
    const before = second.acknowledged().length;
    await setTimeout(700);
    expect(second.acknowledged().length).toBeGreaterThan(before);
    await second.kill();
    const stored = await storedItems(directory);
    for (const [name, clicking] of Object.entries({ p: first, q: second })) {
      for (const [id, items] of Object.entries(itemsBySession(clicking))) {
        const found = stored[id]?.filter((item) => item.startsWith(name)) ?? [];
        expect(items.length).toBeGreaterThan(0);
        expect(found.slice(0, items.length)).toEqual(items);
        expect(found.length).toBeLessThanOrEqual(items.length + 1);
      }
    }
  });
});

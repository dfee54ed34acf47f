import { expectClose } from '@gru4rec/test-support';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Gru4Rec } from '../../src/gru4rec.ts';
import { type LiveSessions, type LiveSessionsOptions, StatePool } from '../../src/live/live-sessions.ts';
import { engines } from '../tiny-data.ts';
import { byIndex, configurations, scorerScores, trainLive } from './live-models.ts';

describe('StatePool', () => {
  it('gives rows of zeros that share no memory', () => {
    const pool = new StatePool(3, 2000);
    const rows = Array.from({ length: 2000 }, () => pool.acquire());
    for (const [i, row] of rows.entries()) row.fill(i);
    expect(rows.every((row, i) => row.length === 3 && row.every((value) => value === i))).toBe(true);
  });
});

const tolerance = { absolute: 1e-6, relative: 1e-5, name: 'scores' };
const modelOn = await trainLive();
const model = modelOn();
const [a, b, c, d] = model.itemIds.slice() as [string, string, string, string];

const clicks = (...pairs: [session: string, item: string][]) =>
  pairs.map(([session, item]) => ({ session, item }));

/** Sessions with a clock that only moves when it is set. */
function sessionsAt(options: LiveSessionsOptions = {}, ofModel: Gru4Rec = model) {
  const clock = { ms: 0 };
  return { clock, sessions: ofModel.sessions({ now: () => clock.ms, ...options }) };
}

const answers = (sessions: LiveSessions, ids: readonly string[]) =>
  ids.map((id) => sessions.recommend(id, 30));

describe('click', () => {
  it('returns whether the item is known and whether a session starts', () => {
    const { sessions } = sessionsAt();
    expect(sessions.click(clicks(['s', a], ['s', 'no such item'], ['t', b], ['s', b]))).toEqual([
      { known: true, started: true },
      { known: false, started: false },
      { known: true, started: true },
      { known: true, started: false },
    ]);
  });

  it('refuses ids that are not texts, and then processes nothing', () => {
    const { sessions } = sessionsAt();
    const wrong = { session: 's', item: 7.5 } as never;
    expect(() => sessions.click([{ session: 's', item: a }, wrong])).toThrow(
      new TypeError('click: "events[1].item" expected a string, got 7.5'),
    );
    expect(() => sessions.click([{ session: undefined, item: a } as never])).toThrow(
      'click: "events[0].session" expected a string, got undefined',
    );
    expect(sessions.size).toBe(0);
  });
});

describe.each(configurations)('sessions of %s', (_name, values) => {
  it.each(engines)(
    'score like each session separately, interleaved at random, on %s',
    async (_engine, engine) => {
      const live = (await trainLive(values))(engine);
      const ids = [...live.itemIds.slice(0, 9), 'no such item'];
      // With any boost, all items are scored instead of a list.
      const boost = { items: new Map([[String(ids[0]), 0]]) };
      const event = fc.record({
        session: fc.constantFrom('p', 'q', 'r', 's'),
        item: fc.constantFrom(...ids),
      });
      const batches = fc.array(fc.array(event, { maxLength: 9 }), { maxLength: 5 });
      fc.assert(
        fc.property(batches, fc.integer({ min: 1, max: 5 }), (all, slots) => {
          const sessions = live.sessions({ slots, now: () => 0 });
          for (const batch of all) sessions.click(batch);
          for (const id of ['p', 'q', 'r', 's']) {
            const own = all.flat().filter(({ session }) => session === id);
            const known = own.map(({ item }) => item).filter((item) => live.itemIndex(item) !== undefined);
            expect(sessions.has(id)).toBe(known.length > 0);
            if (known.length === 0) continue;
            const expected = scorerScores(live, known);
            expectClose(byIndex(live, sessions.recommend(id, 30)), expected, tolerance);
            expectClose(byIndex(live, sessions.recommend(id, 30, { boost })), expected, tolerance);
            expectClose(byIndex(live, sessions.rank(id, live.itemIds).items), expected, tolerance);
          }
        }),
        { seed: 1, numRuns: 8 },
      );
      live.dispose();
    },
  );
});

describe('recommend', () => {
  it('leaves out the purchased items, of the type that the sessions have for them', () => {
    const { sessions } = sessionsAt({ purchaseType: 'buy' });
    const clickOn = (item: string, type?: string) => ({
      ...{ session: 's', item },
      ...(type !== undefined && { context: { type } }),
    });
    sessions.click([clickOn(a, 'buy'), clickOn(b, 'purchase'), clickOn(c)]);
    const without = sessions.recommend('s', 30, { excludePurchased: true });
    expect(without).toEqual(sessions.recommend('s', 30, { deny: [a] }));
    expect(without).toHaveLength(29);
  });

  it('leaves out the remembered seen items', () => {
    const { sessions } = sessionsAt({ seenItems: 2 });
    sessions.click(clicks(['s', a], ['s', b], ['s', c]));
    const ids = sessions.recommend('s', 30, { excludeSeen: true }).map(({ id }) => id);
    expect(ids).toHaveLength(28);
    expect(ids).toContain(a);
  });
});

describe('end', () => {
  it('forgets a session, so that its next click starts a new one', () => {
    const { sessions } = sessionsAt();
    sessions.click(clicks(['s', a], ['t', b]));
    expect([sessions.end('s'), sessions.end('s')]).toEqual([true, false]);
    expect(sessions.size).toBe(1);
    expect(sessions.click(clicks(['s', b]))).toEqual([{ known: true, started: true }]);
    expect(sessions.recommend('s', 30)).toEqual(sessions.recommend('t', 30));
    expect(sessions.recommend('s', 30, { excludeSeen: true })).toHaveLength(29);
  });
});

describe('eviction by age', () => {
  it('ends sessions not used for longer than maxAgeMs', () => {
    const { sessions, clock } = sessionsAt({ maxAgeMs: 100 });
    sessions.click(clicks(['s', a], ['t', a]));
    clock.ms = 100;
    expect(sessions.evict()).toBe(0);
    sessions.click(clicks(['t', b]));
    clock.ms = 101;
    expect(sessions.evict()).toBe(1);
    expect([sessions.has('s'), sessions.has('t'), sessions.size]).toEqual([false, true, 1]);
    expect(sessions.click(clicks(['s', b], ['t', b]))[0]).toEqual({ known: true, started: true });
  });

  it('counts answers as use, but not lookups', () => {
    const { sessions, clock } = sessionsAt({ maxAgeMs: 100 });
    sessions.click(clicks(['s', a], ['t', a], ['u', a]));
    clock.ms = 60;
    sessions.recommend('s', 1);
    sessions.rank('t', [b]);
    sessions.has('u');
    clock.ms = 150;
    expect(['s', 't', 'u'].map((id) => sessions.has(id))).toEqual([true, true, false]);
  });

  it('happens after 30 minutes by default, and never with Infinity', () => {
    const { sessions, clock } = sessionsAt();
    const { sessions: forever, clock: second } = sessionsAt({ maxAgeMs: Number.POSITIVE_INFINITY });
    for (const each of [sessions, forever]) each.click(clicks(['s', a]));
    clock.ms = 30 * 60_000;
    expect(sessions.size).toBe(1);
    clock.ms++;
    second.ms = 1e15;
    expect([sessions.size, forever.size]).toEqual([0, 1]);
  });

  it('reads the clock of the machine by default', () => {
    const sessions = model.sessions({ maxAgeMs: 60_000 });
    sessions.click(clicks(['s', a]));
    expect(sessions.has('s')).toBe(true);
  });
});

describe('eviction by capacity', () => {
  it('ends the session not used for longest', () => {
    const { sessions } = sessionsAt({ capacity: 2 });
    sessions.click(clicks(['s', a], ['t', a], ['s', b], ['u', a]));
    expect(['s', 't', 'u'].map((id) => sessions.has(id))).toEqual([true, false, true]);
    sessions.recommend('s', 1);
    sessions.click(clicks(['v', a]));
    expect(['s', 'u', 'v'].map((id) => sessions.has(id))).toEqual([true, false, true]);
  });

  it('processes a batch of more sessions than its capacity like its clicks one by one', () => {
    const event = fc.record({
      session: fc.constantFrom('p', 'q', 'r', 's', 't', 'u'),
      item: fc.constantFrom(a, b, c, d, 'no such item'),
    });
    fc.assert(
      fc.property(fc.array(event, { maxLength: 40 }), fc.integer({ min: 1, max: 4 }), (events, capacity) => {
        const { sessions: batched } = sessionsAt({ capacity, slots: 3 });
        const { sessions: single } = sessionsAt({ capacity, slots: 3 });
        expect(batched.click(events)).toEqual(events.flatMap((one) => single.click([one])));
        const held = ['p', 'q', 'r', 's', 't', 'u'].filter((id) => single.has(id));
        expect(['p', 'q', 'r', 's', 't', 'u'].filter((id) => batched.has(id))).toEqual(held);
        for (const id of held) {
          const expected = byIndex(model, single.recommend(id, 30));
          expectClose(byIndex(model, batched.recommend(id, 30)), expected, tolerance);
        }
      }),
      { seed: 1, numRuns: 60 },
    );
  });

  it('keeps memory within the capacity for any number of sessions', () => {
    const { sessions } = sessionsAt({ capacity: 50 });
    const ids = Array.from({ length: 5000 }, (_, i) => `s${i}`);
    sessions.click(ids.map((session) => ({ session, item: a })));
    expect(sessions.size).toBe(50);
    expect(ids.filter((id) => sessions.has(id))).toEqual(ids.slice(-50));
  });
});

describe('sessions', () => {
  it('keeps single and live sessions of one model separate', () => {
    const { sessions: first } = sessionsAt({ slots: 2 });
    const visit = model.startSession();
    first.click(clicks(['s', a], ['t', c]));
    visit.click(b);
    const { sessions: second } = sessionsAt({ slots: 8 });
    second.click(clicks(['s', d]));
    first.click(clicks(['s', b]));
    const answersOf = [...answers(first, ['s', 't']), second.recommend('s', 30), visit.recommend(30)];
    const expected = [[a, b], [c], [d], [b]].map((ids) => scorerScores(model, ids));
    for (const [i, answer] of answersOf.entries()) {
      expectClose(byIndex(model, answer), expected[i], tolerance);
    }
  });

  it('works after dispose', () => {
    const live = modelOn();
    const { sessions } = sessionsAt({}, live);
    sessions.click(clicks(['s', a]));
    const before = sessions.recommend('s', 30);
    live.dispose();
    expect(sessions.recommend('s', 30)).toEqual(before);
    live.dispose();
  });

  it.each([
    ['slots', 1.5, 'integer >= 1'],
    ['maxAgeMs', 0, 'number > 0'],
  ])('refuse the %s %s', (name, value, expected) => {
    const message = `sessions: "${name}" expected ${expected}, got ${value}.`;
    expect(() => model.sessions({ [name]: value })).toThrow(new RangeError(message));
  });
});

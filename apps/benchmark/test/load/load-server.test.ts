import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { replayOf } from '../../src/load/load-server.ts';

const logs = fc
  .array(fc.array(fc.nat({ max: 9 }), { minLength: 1, maxLength: 5 }), { minLength: 1, maxLength: 6 })
  .map((sessions) => ({
    sessions,
    log: {
      itemIds: Array.from({ length: 10 }, (_, item) => `item ${item}`),
      sessionOffsets: Int32Array.from([0, ...sessions.map((_, s) => sessions.slice(0, s + 1).flat().length)]),
      items: Int32Array.from(sessions.flat()),
    },
  }));

describe('replayOf', () => {
  it('gives each session to one visitor, in order, and starts the log again with new ids', () => {
    fc.assert(
      fc.property(
        logs,
        fc.array(fc.nat({ max: 2 }), { minLength: 1, maxLength: 60 }),
        ({ sessions, log }, visitors) => {
          const next = replayOf(log, 'r');
          const clicks = visitors.map((visitor) => ({ visitor, ...next(visitor) }));
          const ids = [...new Set(clicks.map(({ sessionId }) => sessionId))];
          expect(ids).toEqual(ids.map((_, session) => `r-${session}`));
          for (const [session, id] of ids.entries()) {
            const own = clicks.filter(({ sessionId }) => sessionId === id);
            const items = (sessions[session % sessions.length] ?? []).map((item) => `item ${item}`);
            expect(own.map(({ item }) => item)).toEqual(items.slice(0, own.length));
            expect(new Set(own.map(({ visitor }) => visitor)).size).toBe(1);
          }
          // A visitor starts a session only after the last click of the one before.
          for (const visitor of [0, 1, 2]) {
            const own = clicks.filter((click) => click.visitor === visitor).map(({ sessionId }) => sessionId);
            expect(own.filter((id, at) => id !== own[at - 1])).toEqual([...new Set(own)]);
          }
        },
      ),
    );
  });

  it('refuses a log without sessions', () => {
    const log = { itemIds: ['a'], sessionOffsets: Int32Array.of(0), items: new Int32Array() };
    expect(() => replayOf(log, 'r')).toThrow('expected at least one session');
  });
});

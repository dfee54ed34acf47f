import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { knowsNone, StateSlots } from '../../src/inference/model-version.ts';

describe('StateSlots', () => {
  it('advances a session by the clicks since its last use', () => {
    const slots = new StateSlots(10, 1);
    const first = slots.advance('s', 0, [4, 5]);
    expect(first).toEqual({ slot: first.slot, reset: true, steps: [4, 5] });
    expect(slots.advance('s', 0, [4, 5, 6])).toEqual({ slot: first.slot, reset: false, steps: [6] });
    expect(slots.advance('s', 0, [4, 5, 6])).toEqual({ slot: first.slot, reset: false, steps: [] });
    // The store has dropped two clicks.
    expect(slots.advance('s', 2, [6, 7])).toEqual({ slot: first.slot, reset: false, steps: [7] });
  });

  it('takes clicks with features', () => {
    const slots = new StateSlots(10, 1, 2);
    const { slot } = slots.advance('s', 0, [4, 0, 5, -1]);
    expect(slots.advance('s', 1, [5, -1, -1, 1, 6, 2])).toEqual({ slot, reset: false, steps: [6, 2] });
    expect(slots.advance('s', 1, [5, 3, 6, 2])).toEqual({ slot, reset: true, steps: [5, 3, 6, 2] });
    expect(knowsNone([-1, 3, -1, -1], 2)).toBe(true);
    expect(knowsNone([-1, 3, 0, -1], 2)).toBe(false);
  });

  it('resets the slots of sessions that are not kept', () => {
    const slots = new StateSlots(2, 3);
    const drawn = [1, 2, 3, 4].map(() => slots.advance(undefined, 0, [1]));
    expect(drawn.every(({ reset }) => reset)).toBe(true);
    expect(new Set(drawn.map(({ slot }) => slot)).size).toBe(3);
  });

  it('gives each slot the clicks of its session, whatever comes between', () => {
    const event = fc.record({
      session: fc.constantFrom('a', 'b', 'c', undefined),
      item: fc.integer({ min: -1, max: 3 }),
      deleted: fc.boolean(),
    });
    fc.assert(
      fc.property(fc.array(event, { maxLength: 60 }), fc.integer({ min: 1, max: 3 }), (events, capacity) => {
        const slots = new StateSlots(capacity, 1);
        const states = new Map<number, number[]>();
        const sessions = new Map<string, { items: number[]; all: number[] }>();
        for (const { session = '', item, deleted } of events) {
          const before = deleted ? undefined : sessions.get(session);
          if (deleted) slots.forget(session);
          const all = [...(before?.all ?? []), item];
          const items = all.slice(-4);
          sessions.set(session, { items, all });
          const isKept = session !== '';
          const { slot, reset, steps } = slots.advance(
            isKept ? session : undefined,
            all.length - items.length,
            items,
          );
          const state = [...(reset ? [] : (states.get(slot) ?? [])), ...steps];
          states.set(slot, state);
          // A state may have clicks that the store has dropped, but never others.
          const known = items.filter((kept) => kept >= 0);
          expect(state.slice(state.length - known.length)).toEqual(known);
        }
      }),
    );
  });
});

import { describe, expect, it } from 'vitest';
import { type BatcherPosition, checkEvent, checkPosition } from '../src/batcher.ts';

// Two sessions of 3 and 2 events, two slots.
const lengths = [3, 2];
const good: BatcherPosition = { epoch: 0, step: 1, nextSession: 2, slots: [{ session: 0, event: 1 }, null] };
const check = (given: unknown) => () => {
  const position = given as BatcherPosition;
  checkPosition(position, { batchSize: 2, used: 2, stored: 2 });
  for (const [slot, running] of position.slots.entries()) {
    if (running) checkEvent(slot, running.event, lengths[running.session]);
  }
};

describe('checkPosition', () => {
  it('accepts a position that fits', () => {
    expect(check(good)).not.toThrow();
  });

  it.each([undefined, null, 7, {}, { ...good, slots: 2 }])(
    'rejects %j, which is not a position',
    (position) => {
      expect(check(position)).toThrow(
        new TypeError('restore: "position" expected object with slots, as position() returns it.'),
      );
    },
  );

  it('rejects another batch size', () => {
    expect(check({ ...good, slots: [null] })).toThrow(
      new RangeError(
        'restore: "position.slots" expected 2 entries, got 1. Restore with the batch size of the saved run.',
      ),
    );
  });

  it.each([
    ['epoch', { ...good, epoch: -1 }, 2 ** 53 - 1, '-1'],
    ['step', { ...good, step: 0.5 }, 2 ** 53 - 1, '0.5'],
    ['nextSession', { ...good, nextSession: 3 }, 2, '3'],
    ['slots[0].session', { ...good, slots: [{ session: 2, event: 0 }, null] }, 1, '2'],
    ['slots[1].event', { ...good, slots: [null, { session: 0, event: 2 }] }, 1, '2'],
    ['slots[0].event', { ...good, slots: [{ session: 0 }, null] }, 1, 'undefined'],
  ])('rejects a wrong %s', (name, position, max, got) => {
    expect(check(position)).toThrow(
      new RangeError(
        `restore: "position.${name}" expected integer in [0, ${max}], got ${got}. ` +
          'Restore over the data of the saved run.',
      ),
    );
  });
});

import { describe, expect, it } from 'vitest';
import { lastEvent, numberOf, parseEvents } from '../../src/peers/events.ts';

const lines =
  '{"event":"epoch","seconds":2}\n\n{"event":"epoch","seconds":3}\n{"event":"done","recall":0.5}\n';

describe('parseEvents', () => {
  it('reads one event per line', () => {
    expect(parseEvents(lines, 'peer').map(({ event }) => event)).toEqual(['epoch', 'epoch', 'done']);
  });

  it.each(['Epoch 1', '{"seconds":2}', '{"event":"epoch"', 'null'])('refuses %j', (line) => {
    expect(() => parseEvents(line, 'peer')).toThrow(
      `peer: line 1 expected a JSON object with "event", got ${JSON.stringify(line)}`,
    );
  });
});

describe('lastEvent', () => {
  it('is the last of its kind', () => {
    expect(numberOf(lastEvent(parseEvents(lines, 'peer'), 'epoch'), 'seconds')).toBe(3);
  });

  it('names the events that exist instead', () => {
    expect(() => lastEvent(parseEvents(lines, 'peer'), 'prepared')).toThrow(
      'expected an event "prepared", got epoch, epoch, done',
    );
  });
});

describe('numberOf', () => {
  it('refuses a value that is not a number', () => {
    expect(() => numberOf({ event: 'done', recall: 'high' }, 'recall')).toThrow(
      'peer: "done" expected a number "recall", got "high"',
    );
  });
});

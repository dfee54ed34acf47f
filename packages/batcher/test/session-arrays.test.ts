import { describe, expect, it } from 'vitest';
import { checkSessionArrays } from '../src/session-arrays.ts';

const sessionOffsets = Int32Array.of(0, 2, 2);
const items = Int32Array.of(0, 4);

describe('checkSessionArrays', () => {
  it('accepts sessions, including empty ones and none at all', () => {
    expect(() => checkSessionArrays('evaluate', { sessionOffsets, items }, 5)).not.toThrow();
    const none = { sessionOffsets: Int32Array.of(0), items: new Int32Array(0) };
    expect(() => checkSessionArrays('evaluate', none, 0)).not.toThrow();
  });

  it('names its caller and the first item that is out of range', () => {
    expect(() => checkSessionArrays('evaluate', { sessionOffsets, items }, 4)).toThrow(
      new RangeError(
        'evaluate: "items" expected integer in [0, 4) at index 1, got 4. Remove the events of unknown items.',
      ),
    );
    const negative = { sessionOffsets, items: Int32Array.of(-1, 4) };
    expect(() => checkSessionArrays('tuneMix', negative)).toThrow(
      new RangeError('tuneMix: "items" expected integer >= 0 at index 0, got -1.'),
    );
  });
});

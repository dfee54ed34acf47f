import { describe, expect, it } from 'vitest';
import { createBatch } from '../src/batch.ts';

describe('createBatch', () => {
  it('makes dead slots', () => {
    expect(createBatch(2)).toEqual({
      input: Int32Array.of(-1, -1),
      target: Int32Array.of(-1, -1),
      resetMask: Float32Array.of(0, 0),
      live: Float32Array.of(0, 0),
      session: Float64Array.of(-1, -1),
      history: new Int32Array(0),
      context: new Int32Array(0),
      targetContext: new Int32Array(0),
      liveSlots: 0,
      step: 0,
    });
  });
});

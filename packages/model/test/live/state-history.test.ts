import { describe, expect, it } from 'vitest';
import { StateHistory } from '../../src/live/live-engine.ts';

describe('StateHistory', () => {
  it('holds the last distinct items behind the state, most recent first', () => {
    const history = new StateHistory(2, 3);
    const state = Float32Array.of(0.5, -1, 0, 0, 0);
    expect([...history.items(state)]).toEqual([-1, -1, -1]);
    const seen = [4, 0, 4, 2_000_000_000, 7].map((item) => {
      history.add(state, item);
      return [...history.items(state)];
    });
    expect(seen).toEqual([
      [4, -1, -1],
      [0, 4, -1],
      [4, 0, -1],
      [2_000_000_000, 4, 0],
      [7, 2_000_000_000, 4],
    ]);
    expect([...state.subarray(0, 2)]).toEqual([0.5, -1]);
    // The bits survive a copy of the state.
    const copy = new Float32Array(6);
    copy.subarray(1).set(state);
    expect([...history.items(copy.subarray(1))]).toEqual(seen[4]);
  });

  it('leaves a state without a history as it is', () => {
    const history = new StateHistory(2, 0);
    const state = Float32Array.of(1, 2);
    history.add(state, 3);
    expect([...history.items(state)]).toEqual([]);
    expect([...state]).toEqual([1, 2]);
  });
});

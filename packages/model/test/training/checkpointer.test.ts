import { describe, expect, it, vi } from 'vitest';
import { Checkpointer, type CheckpointOptions } from '../../src/training/checkpointer.ts';
import type { TrainingSnapshot } from '../../src/training/training-snapshot.ts';

const snapshot = (steps: number): TrainingSnapshot => ({ steps }) as TrainingSnapshot;

function checkpointerOf(every: CheckpointOptions['every'], steps = 0) {
  const save = vi.fn(async () => {});
  return { save, checkpointer: new Checkpointer({ every, save }, steps) };
}

describe('Checkpointer', () => {
  it('is due once at every multiple of the steps', async () => {
    const { checkpointer, save } = checkpointerOf({ steps: 3 });
    expect([0, 1, 2, 3, 4, 5, 6].filter((steps) => checkpointer.due(steps))).toEqual([3, 6]);
    await checkpointer.save(snapshot(3));
    expect(save.mock.calls).toEqual([[snapshot(3)]]);
    expect(checkpointer.due(3)).toBe(false);
    expect(checkpointer.due(6)).toBe(true);
  });

  it('is due after the given minutes', async () => {
    vi.useFakeTimers({ toFake: ['performance'] });
    try {
      const { checkpointer } = checkpointerOf({ minutes: 2 });
      vi.advanceTimersByTime(2 * 60_000 - 1);
      expect(checkpointer.due(1)).toBe(false);
      vi.advanceTimersByTime(1);
      expect(checkpointer.due(1)).toBe(true);
      await checkpointer.save(snapshot(1));
      expect(checkpointer.due(2)).toBe(false);
      vi.advanceTimersByTime(2 * 60_000);
      expect(checkpointer.due(2)).toBe(true);
    } finally {
      vi.useRealTimers();
    }
  });

  it('is not due at the step of the resumed snapshot', () => {
    const { checkpointer } = checkpointerOf({ steps: 3 }, 6);
    expect([6, 7, 8, 9].filter((steps) => checkpointer.due(steps))).toEqual([9]);
  });

  it('is never due without an interval', () => {
    expect([1, 2, 3].some((steps) => checkpointerOf({}).checkpointer.due(steps))).toBe(false);
  });

  it.each([0, 1.5, -1, Number.NaN])('refuses %d steps', (steps) => {
    expect(() => checkpointerOf({ steps })).toThrow(
      new RangeError(`train: checkpoint: every: "steps" expected integer >= 1, got ${steps}.`),
    );
  });

  it.each([0, -1, Number.NaN])('refuses %d minutes', (minutes) => {
    expect(() => checkpointerOf({ minutes })).toThrow(
      new RangeError(`train: checkpoint: every: "minutes" expected number > 0, got ${minutes}.`),
    );
  });
});

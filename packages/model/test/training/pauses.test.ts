import { describe, expect, it, vi } from 'vitest';
import {
  type CheckpointOptions,
  type PauseOptions,
  Pauses,
  TrainingStopped,
} from '../../src/training/pauses.ts';
import type { TrainingCursor, TrainingSnapshot } from '../../src/training/training-snapshot.ts';

const cursor = (steps: number): TrainingCursor => ({
  steps,
  epoch: { epoch: 2, steps: 7, events: 0, lossSum: 0, seconds: 0 },
});

function pausesOf(every: CheckpointOptions['every'] | undefined, more: Partial<PauseOptions> = {}) {
  const save = vi.fn(async () => {});
  const checkpoint = every && { every, save };
  const snapshot = (s: TrainingCursor) => s as TrainingSnapshot;
  return { save, pauses: new Pauses({ checkpoint, signal: undefined, snapshot, steps: 0, ...more }) };
}

describe('Pauses', () => {
  it('is due every so many steps, and once for each', async () => {
    const { pauses, save } = pausesOf({ steps: 3 });
    expect([0, 1, 2, 3, 4, 5, 6].filter((steps) => pauses.due(steps))).toEqual([3, 6]);
    await pauses.pause(cursor(3));
    expect(save.mock.calls).toEqual([[cursor(3)]]);
    expect(pauses.due(3)).toBe(false);
    expect(pauses.due(6)).toBe(true);
  });

  it('is due after so many minutes', async () => {
    vi.useFakeTimers({ toFake: ['performance'] });
    try {
      const { pauses } = pausesOf({ minutes: 2 });
      vi.advanceTimersByTime(2 * 60_000 - 1);
      expect(pauses.due(1)).toBe(false);
      vi.advanceTimersByTime(1);
      expect(pauses.due(1)).toBe(true);
      await pauses.pause(cursor(1));
      expect(pauses.due(2)).toBe(false);
      vi.advanceTimersByTime(2 * 60_000);
      expect(pauses.due(2)).toBe(true);
    } finally {
      vi.useRealTimers();
    }
  });

  it('is not due for steps that the snapshot to resume from has', () => {
    const { pauses } = pausesOf({ steps: 3 }, { steps: 6 });
    expect([6, 7, 8, 9].filter((steps) => pauses.due(steps))).toEqual([9]);
  });

  it('is never due without distance or checkpoint', () => {
    for (const every of [{}, undefined]) {
      expect([1, 2, 3].some((steps) => pausesOf(every).pauses.due(steps))).toBe(false);
    }
  });

  it('saves and stops when the signal says so', async () => {
    const { pauses, save } = pausesOf({}, { signal: AbortSignal.abort('SIGINT') });
    expect(pauses.due(0)).toBe(true);
    const error = await pauses.pause(cursor(9)).catch((e: unknown) => e);
    expect(error).toBeInstanceOf(TrainingStopped);
    expect(error).toMatchObject({ epoch: 2, step: 7, cause: 'SIGINT' });
    expect(save).toHaveBeenCalledOnce();
  });

  it.each([0, 1.5, -1, Number.NaN])('refuses %d steps', (steps) => {
    expect(() => pausesOf({ steps })).toThrow(
      new RangeError(`train: "checkpoint.every.steps" expected an integer ≥ 1, got ${steps}.`),
    );
  });

  it.each([0, -1, Number.NaN])('refuses %d minutes', (minutes) => {
    expect(() => pausesOf({ minutes })).toThrow(
      new RangeError(`train: "checkpoint.every.minutes" expected a number > 0, got ${minutes}.`),
    );
  });
});

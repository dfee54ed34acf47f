import { describe, expect, it, vi } from 'vitest';
import { Checkpointer, type CheckpointOptions, TrainingStopped } from '../../src/training/checkpointer.ts';
import { startOfRun, type TrainingSnapshot } from '../../src/training/training-snapshot.ts';

/** The checkpointer of a run, and the steps of the checkpoints that it has saved. */
function checkpointerOf(every: CheckpointOptions['every'], steps = 0, signal?: AbortSignal) {
  const cursor = { ...startOfRun(1), steps };
  const run = { cursor, snapshot: () => ({ ...cursor }) as TrainingSnapshot };
  const saved: number[] = [];
  const save = async (snapshot: TrainingSnapshot) => void saved.push(snapshot.steps);
  const checkpointer = new Checkpointer(run, { every, save }, signal);
  const before = async (step: number) => {
    cursor.steps = step;
    await checkpointer.beforeStep();
  };
  return { saved, before, checkpointer };
}

describe('Checkpointer', () => {
  it.each<[string, CheckpointOptions['every'], number, number[], number[]]>([
    ['once at every multiple of the steps', { steps: 3 }, 0, [0, 1, 2, 3, 3, 4, 5, 6, 6], [3, 6]],
    ['nothing at the step of the resumed snapshot', { steps: 3 }, 6, [6, 7, 8, 9], [9]],
    ['nothing without an interval', {}, 0, [1, 2, 3], []],
  ])('saves %s', async (_what, every, start, steps, expected) => {
    const { before, saved } = checkpointerOf(every, start);
    for (const step of steps) await before(step);
    expect(saved).toEqual(expected);
  });

  it('saves after the given minutes', async () => {
    vi.useFakeTimers({ toFake: ['performance'] });
    try {
      const { before, saved } = checkpointerOf({ minutes: 2 });
      vi.advanceTimersByTime(2 * 60_000 - 1);
      await before(1);
      expect(saved).toEqual([]);
      vi.advanceTimersByTime(1);
      for (const steps of [2, 3]) await before(steps);
      expect(saved).toEqual([2]);
      vi.advanceTimersByTime(2 * 60_000);
      await before(4);
      expect(saved).toEqual([2, 4]);
    } finally {
      vi.useRealTimers();
    }
  });

  it('saves at a signal, between steps and within a validation, and stops the run', async () => {
    const { before, checkpointer, saved } = checkpointerOf({}, 0, AbortSignal.abort('enough'));
    await expect(before(4)).rejects.toThrow(TrainingStopped);
    await expect(checkpointer.stop()).rejects.toMatchObject({ epoch: 1, cause: 'enough' });
    expect(saved).toEqual([4, 4]);
  });

  it.each([{ steps: 1.5 }, { minutes: 0 }])('refuses an interval of %j', (every) => {
    expect(() => checkpointerOf(every)).toThrow(/^train: checkpoint: every: "(steps|minutes)" expected/);
  });
});

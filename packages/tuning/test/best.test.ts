import { describe, expect, it } from 'vitest';
import { best } from '../src/best.ts';
import { runStudy } from '../src/run-study.ts';
import { parseSpace } from '../src/space.ts';
import type { Direction } from '../src/trial.ts';
import { MemoryStorage } from './memory-storage.ts';

async function storageOf(direction: Direction, results: readonly number[]): Promise<MemoryStorage> {
  const storage = new MemoryStorage();
  const space = parseSpace({ x: 1 });
  await runStudy({
    storage,
    space,
    direction,
    seed: 1,
    trials: results.length,
    run: ({ number }) => results[number],
  });
  return storage;
}

describe('best', () => {
  it.each([
    ['maximize', 1],
    ['minimize', 3],
  ] as const)('is the first of the best to %s', async (direction, number) => {
    const found = await best(await storageOf(direction, [2, 5, 5, 1, 1, Number.NaN]));
    expect(found?.number).toBe(number);
  });

  it('is undefined if no trial is complete', async () => {
    expect(await best(new MemoryStorage())).toBeUndefined();
    expect(await best(await storageOf('maximize', [Number.NaN]))).toBeUndefined();
  });
});

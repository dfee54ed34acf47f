import { join } from 'node:path';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { runStudy } from '../src/run-study.ts';
import { createRandomSampler } from '../src/samplers/random.ts';
import { parseSpace } from '../src/space.ts';
import { openStudyFile } from '../src/storage/study-file.ts';
import { testFolder } from './folder.ts';

const folder = testFolder();
afterEach(() => vi.restoreAllMocks());

describe('runStudy, with a clock that is set back', () => {
  it('ends and keeps every trial, which a later run reads', async () => {
    let wall = 1e12;
    vi.spyOn(Date, 'now').mockImplementation(() => {
      wall -= 3_600_000;
      return wall;
    });
    const run = async (trials: number) => {
      const storage = await openStudyFile(join(folder, 'study'));
      const space = parseSpace({ x: { type: 'uniform', low: 0, high: 1 } });
      const sampler = createRandomSampler();
      const options = {
        storage,
        space,
        trials,
        sampler,
        seed: 1,
        direction: 'maximize',
        fingerprint: {},
      } as const;
      return runStudy({ ...options, run: ({ values }) => Number(values['x']) }).finally(() =>
        storage.close(),
      );
    };
    await run(2);
    const { trials, complete } = await run(3);
    expect([complete, trials.map(({ state }) => state)]).toEqual([true, Array(3).fill('complete')]);
    expect(trials.every(({ startedMs, endedMs = 0 }) => endedMs < startedMs)).toBe(true);
  });
});

import { once } from 'node:events';
import { setImmediate } from 'node:timers/promises';
import { beforeEach, describe, expect, it } from 'vitest';
import { createMedianPruner } from '../src/pruners/median.ts';
import { runStudy } from '../src/run-study.ts';
import { createTpeSampler } from '../src/samplers/tpe.ts';
import { parseSpace } from '../src/space.ts';
import type { RunningTrial, StudyOptions } from '../src/study-options.ts';
import { SharedMemory, SharedMemoryStorage } from './shared-memory-storage.ts';

let memory: SharedMemory;
beforeEach(() => {
  memory = new SharedMemory();
});

/** Options of another coordinator of the study. */
function study(changes: Partial<StudyOptions> = {}): StudyOptions {
  return {
    storage: new SharedMemoryStorage(memory),
    space: parseSpace({ x: { type: 'uniform', low: 0, high: 1 } }),
    sampler: createTpeSampler({ startupTrials: 4 }),
    trials: 12,
    seed: 5,
    direction: 'minimize',
    run: ({ values }) => Number(values['x']),
    ...changes,
  };
}

/** A trial that runs until it is aborted. */
async function runUntilAborted({ signal }: RunningTrial): Promise<number> {
  if (!signal.aborted) await once(signal, 'abort');
  return 0;
}

/** A coordinator that starts the study and keeps running its first trial. */
async function hang(changes: Partial<StudyOptions> = {}) {
  const controller = new AbortController();
  const result = runStudy(study({ run: runUntilAborted, signal: controller.signal, ...changes }));
  while (!memory.owners.get(0)) await setImmediate();
  return { result, stop: () => controller.abort() };
}

describe('runStudy with a shared storage', () => {
  it('runs each trial in one of the coordinators, and returns all trials to each', async () => {
    const runs: number[] = [];
    const run = async ({ number, values }: RunningTrial) => {
      runs.push(number);
      for (let turn = 0; turn <= number % 3; turn++) await setImmediate();
      return Number(values['x']);
    };
    const results = await Promise.all([1, 2, 3].map((parallel) => runStudy(study({ run, parallel }))));
    expect(runs.sort((a, b) => a - b)).toEqual(Array.from({ length: 12 }, (_, number) => number));
    for (const result of results)
      expect(result).toEqual({ complete: true, trials: await memory.tables.trials() });
    expect(new Set(results[0].trials.map(({ values }) => values['x'])).size).toBe(12);
  });

  it('waits for the trials of others, and runs them again once they are abandoned', async () => {
    const other = new SharedMemoryStorage(memory);
    const x = 0.25;
    await other.addTrial({ number: 0, values: { x }, startedMs: 0 });
    const waits: (readonly number[])[] = [];
    const onWait = (numbers: readonly number[]) => {
      waits.push(numbers);
      memory.owners.set(0, undefined);
    };
    const ends: number[] = [];
    const { trials, complete } = await runStudy(
      study({ onWait, onTrial: ({ number }) => ends.push(number) }),
    );
    expect({ waits, complete }).toEqual({ waits: [[0]], complete: true });
    expect(ends).toEqual([1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 0]);
    expect(trials[0]).toMatchObject({ state: 'complete', value: x, values: { x } });
    expect(await other.endTrial(0, { state: 'complete', value: 9, endedMs: 1 })).toBe(false);
  });

  it('stops a trial that another coordinator has taken, and stores nothing from it', async () => {
    const reported: number[] = [];
    const lost = await hang({
      onTrial: ({ number }) => reported.push(number),
      run: async (trial) => {
        if (trial.number > 0) return 1;
        await runUntilAborted(trial);
        expect(trial.report(0, 7)).toBe(true);
        return 7;
      },
    });
    const other = new SharedMemoryStorage(memory);
    memory.owners.set(0, other);
    while ((await other.trials()).length < 12) await setImmediate();
    await other.endTrial(0, { state: 'complete', value: 3, endedMs: 1 });
    const { trials, complete } = await lost.result;
    expect(complete).toBe(true);
    expect(trials[0]).toMatchObject({ state: 'complete', value: 3, reports: [] });
    expect(reported).toEqual([1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11]);
  });

  it('prunes by newer results of other coordinators', async () => {
    const pruner = createMedianPruner({ startupTrials: 2 });
    const run = async (trial: RunningTrial) => {
      // No better trial is known yet.
      expect(trial.report(0, 9)).toBe(false);
      return runUntilAborted(trial);
    };
    const others = new SharedMemoryStorage(memory);
    const addReport = async (...[number, report]: Parameters<SharedMemoryStorage['addReport']>) => {
      await SharedMemoryStorage.prototype.addReport.call(storage, number, report);
      for (const other of [1, 2]) {
        await others.addTrial({ number: other, values: { x: 0 }, startedMs: 0 });
        await others.addReport(other, { step: 0, value: other });
        await others.endTrial(other, { state: 'complete', value: other, endedMs: 1 });
      }
    };
    const storage = Object.assign(new SharedMemoryStorage(memory), { addReport });
    const { trials } = await runStudy(study({ storage, run, pruner, trials: 1 }));
    expect(trials[0]).toMatchObject({ state: 'pruned', reports: [{ step: 0, value: 9 }] });
  });

  it('suggests by results of other coordinators', async () => {
    const { result, stop } = await hang();
    const seen: number[] = [];
    const sampler = createTpeSampler();
    const suggest: typeof sampler.suggest = (request) => {
      seen.push(request.trials.length);
      return sampler.suggest(request);
    };
    const other = await hang({
      sampler: { ...sampler, settings: createTpeSampler({ startupTrials: 4 }).settings, suggest },
    });
    while (seen.length < 1) await setImmediate();
    expect(seen).toEqual([1]);
    stop();
    other.stop();
    expect((await Promise.all([result, other.result])).map(({ complete }) => complete)).toEqual([
      false,
      false,
    ]);
  });

  it('ends at an abort while it waits', async () => {
    const { result, stop } = await hang({ trials: 1 });
    const controller = new AbortController();
    const onWait = () => controller.abort();
    const waited = await runStudy(study({ trials: 1, onWait, signal: controller.signal }));
    expect(waited).toMatchObject({ complete: false, trials: [{ number: 0, state: 'running' }] });
    stop();
    await result;
  });

  it('stops when a lease cannot be renewed', async () => {
    const storage = Object.assign(new SharedMemoryStorage(memory), {
      renew: () => Promise.reject(new Error('no server')),
    });
    await expect(runStudy(study({ storage, run: runUntilAborted }))).rejects.toThrow('no server');
  });

  it('refuses another study, also one that was started meanwhile', async () => {
    const storage = new SharedMemoryStorage(memory);
    const begin = async () => void (await runStudy(study({ trials: 1, seed: 6 })));
    await expect(runStudy(study({ storage: Object.assign(storage, { begin }) }))).rejects.toThrow(
      'runStudy: "seed" expected "6", got "5", at memory. Continue the study with the settings it was started with, or name another study.',
    );
  });
});

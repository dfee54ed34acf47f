import { once } from 'node:events';
import { setImmediate } from 'node:timers/promises';
import { beforeEach, describe, expect, it, onTestFinished, vi } from 'vitest';
import { createMedianPruner } from '../src/pruner.ts';
import { createTpeSampler, suggestAtRandom } from '../src/samplers/tpe.ts';
import { parseSpace } from '../src/space.ts';
import { StudyError } from '../src/storage/storage.ts';
import { type RunningTrial, runStudy, type StudyOptions } from '../src/study.ts';
import type { TrialRecord } from '../src/trial.ts';
import { MemoryStorage, SharedMemory } from './memory-storage.ts';
import { facts } from './trials.ts';

const square = ({ values }: RunningTrial) => (Number(values['x']) - 0.3) ** 2;

function study(changes: Partial<StudyOptions> = {}): StudyOptions {
  return {
    storage: new MemoryStorage(),
    space: parseSpace({ x: { type: 'uniform', low: 0, high: 1 }, fixed: 'a' }),
    sampler: createTpeSampler({ startupTrials: 4 }),
    trials: 12,
    seed: 5,
    direction: 'minimize',
    run: square,
    ...changes,
  };
}

describe('runStudy', () => {
  it('runs the given number of trials and stores them', async () => {
    const options = study();
    const { trials, complete } = await runStudy(options);
    expect(complete).toBe(true);
    expect(trials.map(({ number, state }) => `${number} ${state}`)).toEqual(
      Array.from({ length: 12 }, (_, number) => `${number} complete`),
    );
    for (const { values, value } of trials) {
      expect(values['fixed']).toBe('a');
      expect(value).toBe((Number(values['x']) - 0.3) ** 2);
    }
    expect(await options.storage.trials()).toEqual(trials);
  });

  it('stores its settings; without a sampler, pruner and fingerprint, TPE and none', async () => {
    const settings = { fingerprint: { dataset: 'abc' }, pruner: createMedianPruner() };
    const [whole, bare] = [study(settings), study({ sampler: undefined })];
    await runStudy(whole);
    await runStudy(bare);
    const stored = { space: whole.space, direction: 'minimize', seed: '5' };
    const pruner = { name: 'median', startupTrials: 5, warmupSteps: 0 };
    const sampler = whole.sampler?.settings;
    expect(await whole.storage.study()).toEqual({ ...stored, ...settings, sampler, pruner });
    const byDefault = { sampler: createTpeSampler().settings, pruner: null, fingerprint: {} };
    expect(await bare.storage.study()).toEqual({ ...stored, ...byDefault });
  });

  it('counts the trials of earlier runs', async () => {
    const whole = await runStudy(study());
    const options = study({ trials: 5 });
    await runStudy(options);
    const { trials } = await runStudy({ ...options, trials: 12 });
    expect(facts(trials)).toEqual(facts(whole.trials));
    expect(await runStudy({ ...options, trials: 3 })).toEqual({ trials, complete: true });
  });

  it('runs unfinished trials again with the same values', async () => {
    const { trials: whole } = await runStudy(study());
    const options = study();
    const controller = new AbortController();
    const run = (trial: RunningTrial) => {
      trial.report(0, 1);
      if (trial.number === 6) {
        controller.abort();
        throw new Error('stopped');
      }
      return square(trial);
    };
    const cut = await runStudy({ ...options, run, signal: controller.signal });
    expect(cut.complete).toBe(false);
    expect(cut.trials.map(({ state }) => state)).toEqual([...Array(6).fill('complete'), 'running']);
    const tried: number[] = [];
    const resumed = await runStudy({ ...options, onTrial: ({ number }) => tried.push(number) });
    expect(tried).toEqual([6, 7, 8, 9, 10, 11]);
    expect(facts(resumed.trials.slice(6))).toEqual(facts(whole.slice(6)));
    expect(resumed.trials[6].reports).toEqual([]);
  });

  it('runs `parallel` trials at a time', async () => {
    let [running, most] = [0, 0];
    const run = async (trial: RunningTrial) => {
      most = Math.max(most, ++running);
      for (let turn = 0; turn <= trial.number % 3; turn++) await setImmediate();
      running--;
      return square(trial);
    };
    const { trials } = await runStudy(study({ run, parallel: 3 }));
    expect(most).toBe(3);
    expect(new Set(trials.map(({ values }) => values['x'])).size).toBe(12);
  });

  it('gives the values of the seed, however many run at a time, while they are random', async () => {
    const sampler = { settings: { name: 'random' }, suggest: suggestAtRandom };
    const [one, three] = await Promise.all([1, 3].map((parallel) => runStudy(study({ sampler, parallel }))));
    expect(facts(three.trials)).toEqual(facts(one.trials));
  });

  it('marks a trial that throws or returns no finite number as failed, and continues', async () => {
    const run = ({ number }: RunningTrial) => {
      if (number === 1) throw new Error('out of memory');
      return number === 3 ? Number.NaN : 1;
    };
    const { trials, complete } = await runStudy(study({ run, trials: 5 }));
    expect(complete).toBe(true);
    expect(trials.map(({ state }) => state).join(' ')).toBe('complete failed complete failed complete');
    expect(trials[1].error).toBe('out of memory');
    expect(trials[3].error).toBe('expected a finite value, got NaN');
  });

  it('ends after five failures in a row, and continues in another run', async () => {
    const cause = new Error('no such file');
    const run = ({ number }: RunningTrial) => {
      if (number !== 1) throw cause;
      return 1;
    };
    const options = study({ run });
    const error = await runStudy(options).catch((thrown: unknown) => thrown);
    expect(error).toEqual(
      new StudyError(
        'runStudy: "run" expected a value, got 5 failed trials in a row, the last: no such file. Fix the cause and run the study again to continue it.',
      ),
    );
    expect((error as StudyError).cause).toBe(cause);
    const states = (await options.storage.trials()).map(({ state }) => state);
    expect(states.join(' ')).toBe('failed complete failed failed failed failed failed');
    const { trials } = await runStudy({ ...options, run: square });
    expect(trials.length).toBe(12);
  });

  it('stops a trial by the pruner, whether it then returns or throws', async () => {
    const run = ({ number, report }: RunningTrial) => {
      for (let step = 0; step < 3; step++) {
        if (!report(step, number < 2 ? 1 : number)) continue;
        if (number === 3) throw new Error('stopped');
        return 0;
      }
      return number;
    };
    const pruner = createMedianPruner({ startupTrials: 2, warmupSteps: 1 });
    const { trials } = await runStudy(study({ run, pruner, trials: 4 }));
    expect(trials.map(({ state }) => state)).toEqual(['complete', 'complete', 'pruned', 'pruned']);
    expect(trials.map(({ value }) => value)).toEqual([0, 1, undefined, undefined]);
    expect(trials.map(({ reports }) => reports.length)).toEqual([3, 3, 2, 2]);
  });

  it('ends at an abort once the running trials have ended, and ignores their values', async () => {
    const controller = new AbortController();
    const options = study({ parallel: 3, signal: controller.signal });
    const reasons: unknown[] = [];
    const run = async (trial: RunningTrial) => {
      if (trial.number === 5) controller.abort('enough');
      await setImmediate();
      if (!trial.signal.aborted) return square(trial);
      reasons.push(trial.signal.reason);
      if (trial.number === 5) throw new Error('stopped');
      return 0;
    };
    const { trials, complete } = await runStudy({ ...options, run });
    expect(complete).toBe(false);
    const left = trials.filter(({ state }) => state === 'running');
    expect(left.length).toBeGreaterThan(1);
    expect(reasons).toEqual(left.map(() => 'enough'));
    expect(trials.every(({ state, value }) => (state === 'running') === (value === undefined))).toBe(true);
    expect(await options.storage.trials()).toEqual(trials);
    const resumed = await runStudy({ ...options, signal: undefined });
    expect(resumed.complete).toBe(true);
    for (const { number, values } of left) expect(resumed.trials[number].values).toEqual(values);
  });

  it('runs nothing if it is aborted before it starts', async () => {
    expect(await runStudy(study({ signal: AbortSignal.abort() }))).toEqual({ trials: [], complete: false });
  });

  it('reports each end once it is stored', async () => {
    const storage = new MemoryStorage();
    const seen: TrialRecord[] = [];
    const kept: Promise<TrialRecord[]>[] = [];
    const onTrial = (trial: TrialRecord) => {
      seen.push(trial);
      kept.push(storage.trials());
    };
    const { trials } = await runStudy(study({ storage, onTrial }));
    expect(seen).toEqual(trials);
    expect((await Promise.all(kept)).map((then) => then.at(-1))).toEqual(trials);
  });

  it.each(['addTrial', 'addReport', 'endTrial'] as const)('stops when %s fails', async (method) => {
    const storage = new MemoryStorage();
    Object.assign(storage, { [method]: () => Promise.reject(new Error('disk full')) });
    const run = ({ report }: RunningTrial) => (report(0, 1) ? 0 : 1);
    await expect(runStudy(study({ storage, run, parallel: 2 }))).rejects.toThrow('disk full');
  });

  it('stops when onTrial throws, once the running trials have ended', async () => {
    let running = 0;
    const run = async () => {
      running++;
      await setImmediate();
      running--;
      return 1;
    };
    const onTrial = () => {
      throw new Error('full pipe');
    };
    await expect(runStudy(study({ run, onTrial, parallel: 3 }))).rejects.toThrow('full pipe');
    expect(running).toBe(0);
  });

  it('ends and keeps every trial while the clock is set back', async () => {
    let wall = 1e12;
    vi.spyOn(Date, 'now').mockImplementation(() => {
      wall -= 3_600_000;
      return wall;
    });
    onTestFinished(() => void vi.restoreAllMocks());
    const options = study({ trials: 2 });
    await runStudy(options);
    const { trials, complete } = await runStudy({ ...options, trials: 3 });
    expect([complete, trials.map(({ state }) => state)]).toEqual([true, Array(3).fill('complete')]);
    expect(trials.every(({ startedMs, endedMs = 0 }) => endedMs < startedMs)).toBe(true);
  });
});

let memory: SharedMemory;
beforeEach(() => {
  memory = new SharedMemory();
});

function shared(changes: Partial<StudyOptions> = {}): StudyOptions {
  const run = ({ values }: RunningTrial) => Number(values['x']);
  return study({ storage: new MemoryStorage(memory), run, ...changes });
}

async function runUntilAborted({ signal }: RunningTrial): Promise<number> {
  if (!signal.aborted) await once(signal, 'abort');
  return 0;
}

/** A coordinator that starts the study and keeps running its first trial. */
async function hang(changes: Partial<StudyOptions> = {}) {
  const controller = new AbortController();
  const result = runStudy(shared({ run: runUntilAborted, signal: controller.signal, ...changes }));
  while (!memory.owners.get(0)) await setImmediate();
  return { result, stop: () => controller.abort() };
}

describe('runStudy by several coordinators', () => {
  it('runs each trial in one of the coordinators, and returns all trials to each', async () => {
    const runs: number[] = [];
    const run = async ({ number, values }: RunningTrial) => {
      runs.push(number);
      for (let turn = 0; turn <= number % 3; turn++) await setImmediate();
      return Number(values['x']);
    };
    const results = await Promise.all([1, 2, 3].map((parallel) => runStudy(shared({ run, parallel }))));
    expect(runs.sort((a, b) => a - b)).toEqual(Array.from({ length: 12 }, (_, number) => number));
    for (const result of results)
      expect(result).toEqual({ complete: true, trials: await new MemoryStorage(memory).trials() });
    expect(new Set(results[0].trials.map(({ values }) => values['x'])).size).toBe(12);
  });

  it('numbers the trials without a gap while reads of the storage overlap', async () => {
    class SlowStorage extends MemoryStorage {
      #last: Promise<unknown> = Promise.resolve();
      override trials(): Promise<TrialRecord[]> {
        const trials = this.#last.then(() => setImmediate()).then(() => super.trials());
        this.#last = trials;
        return trials;
      }
    }
    const run = async ({ number, report }: RunningTrial) => {
      for (let step = 0; step <= number % 4; step++) {
        await setImmediate();
        report(step, 1);
      }
      return 1;
    };
    const coordinators = [1, 2, 3].map((parallel) =>
      runStudy(shared({ storage: new SlowStorage(memory), run, parallel })),
    );
    for (const { trials } of await Promise.all(coordinators))
      expect(trials.map(({ number }) => number)).toEqual(Array.from({ length: 12 }, (_, number) => number));
  });

  it('waits for the trials of others, and runs them again once they are abandoned', async () => {
    const other = new MemoryStorage(memory);
    const x = 0.25;
    await other.addTrial({ number: 0, values: { x, fixed: 'a' }, startedMs: 0 });
    const waits: (readonly number[])[] = [];
    const onWait = (numbers: readonly number[]) => {
      waits.push(numbers);
      memory.owners.set(0, undefined);
    };
    const ends: number[] = [];
    const { trials, complete } = await runStudy(
      shared({ onWait, onTrial: ({ number }) => ends.push(number) }),
    );
    expect({ waits, complete }).toEqual({ waits: [[0]], complete: true });
    expect(ends).toEqual([1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 0]);
    expect(trials[0]).toMatchObject({ state: 'complete', value: x, values: { x, fixed: 'a' } });
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
    const other = new MemoryStorage(memory);
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
    const others = new MemoryStorage(memory);
    const addReport = async (...[number, report]: Parameters<MemoryStorage['addReport']>) => {
      await MemoryStorage.prototype.addReport.call(storage, number, report);
      for (const other of [1, 2]) {
        await others.addTrial({ number: other, values: { x: 0, fixed: 'a' }, startedMs: 0 });
        await others.addReport(other, { step: 0, value: other });
        await others.endTrial(other, { state: 'complete', value: other, endedMs: 1 });
      }
    };
    const storage = Object.assign(new MemoryStorage(memory), { addReport });
    const { trials } = await runStudy(shared({ storage, run, pruner, trials: 1 }));
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
    const results = await Promise.all([result, other.result]);
    expect(results.some(({ complete }) => complete)).toBe(false);
  });

  it('ends at an abort while it waits', async () => {
    const { result, stop } = await hang({ trials: 1 });
    const controller = new AbortController();
    const onWait = () => controller.abort();
    const waited = await runStudy(shared({ trials: 1, onWait, signal: controller.signal }));
    expect(waited).toMatchObject({ complete: false, trials: [{ number: 0, state: 'running' }] });
    stop();
    await result;
  });

  it('stops when a lease cannot be renewed', async () => {
    const storage = Object.assign(new MemoryStorage(memory), {
      renew: () => Promise.reject(new Error('no server')),
    });
    await expect(runStudy(shared({ storage, run: runUntilAborted }))).rejects.toThrow('no server');
  });

  it('refuses another study, also one that was started meanwhile', async () => {
    const storage = new MemoryStorage(memory);
    const begin = async () => void (await runStudy(shared({ trials: 1, seed: 6 })));
    await expect(runStudy(shared({ storage: Object.assign(storage, { begin }) }))).rejects.toThrow(
      'runStudy: "seed" expected "6", got "5", at memory. Continue the study with the settings it was started with, or name another study.',
    );
  });
});

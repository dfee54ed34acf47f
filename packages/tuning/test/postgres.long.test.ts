import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { testFolder } from '@gru4rec/test-support/folder';
import { describe, expect, it, onTestFinished } from 'vitest';
import { createMedianPruner } from '../src/pruner.ts';
import { createTpeSampler } from '../src/samplers/tpe.ts';
import { parseSpace } from '../src/space.ts';
import type { StudyStorage } from '../src/storage/storage.ts';
import { openStudyDatabase } from '../src/storage/study-database.ts';
import { type RunningTrial, runStudy, type StudyOptions } from '../src/study.ts';
import type { TrialRecord } from '../src/trial.ts';
import { testServer } from './postgres.ts';
import { linesOf, startProgram } from './study-process.ts';

const server = testServer();
const folder = testFolder();
const TRIALS = 24;
const exits = new WeakMap<ChildProcess, Promise<unknown[]>>();

function start(study: string, { parallel = 1, stepMs = 20, leaseMs = 10_000 } = {}): ChildProcess {
  const child = startProgram([server().url(), join(folder, study), TRIALS, parallel, stepMs, study, leaseMs]);
  child.stdout?.resume();
  exits.set(child, once(child, 'exit'));
  onTestFinished(() => void child.kill('SIGKILL'));
  return child;
}

const exitCodes = (children: readonly ChildProcess[]) =>
  Promise.all(children.map(async (child) => (await exits.get(child))?.[0]));

const eventsOf = (study: string, event: string) =>
  linesOf(join(folder, study)).filter((line) => line.event === event);

async function until(condition: () => boolean): Promise<void> {
  while (!condition()) await setTimeout(10);
}

/** Numbers of the trials that a process has started and not ended. */
function underWay(study: string, { pid }: ChildProcess): number[] {
  const by = (event: string) => eventsOf(study, event).filter((line) => line.pid === pid);
  const ended = by('end').map(({ trial }) => trial.number);
  return by('run')
    .map(({ number }) => number)
    .filter((number) => !ended.includes(number));
}

async function trialsOf(study: string): Promise<TrialRecord[]> {
  const storage = await openStudyDatabase(server().url(), { study });
  const trials = await storage.trials();
  await storage.close();
  return trials;
}

const numbers = Array.from({ length: TRIALS }, (_, number) => number);
const sorted = (list: number[]) => [...list].sort((a, b) => a - b);

/** Expects every trial to have ended once, as its process reported, with equal values in each attempt. */
async function expectWhole(study: string): Promise<void> {
  const trials = await trialsOf(study);
  const ends = eventsOf(study, 'end').map(({ trial }) => trial);
  expect(sorted(ends.map(({ number }) => number))).toEqual(numbers);
  for (const end of ends) expect(trials[end.number]).toEqual(end);
  for (const { number, values } of eventsOf(study, 'run')) expect(trials[number].values).toEqual(values);
}

const search = (run: StudyOptions['run'], storage: StudyStorage): StudyOptions => ({
  storage,
  space: parseSpace({
    rate: { type: 'log-uniform', low: 1e-4, high: 1 },
    loss: { type: 'choice', options: ['a', 'b'] },
  }),
  sampler: createTpeSampler({ startupTrials: 4 }),
  pruner: createMedianPruner({ startupTrials: 3 }),
  trials: TRIALS,
  seed: 3,
  direction: 'minimize',
  run,
});

function measure({ values, report }: RunningTrial): number {
  const value = Math.abs(Math.log10(Number(values['rate'])) + 2) + (values['loss'] === 'a' ? 1 : 0);
  for (let step = 0; step < 3; step++) if (report(step, value + 1 / (step + 1))) return 0;
  return value;
}

describe('a study in PostgreSQL', () => {
  it('runs each trial once in one of three processes, even if the server is down for a while', async () => {
    const children = [1, 1, 2].map((parallel) => start('three', { parallel, stepMs: 50 }));
    await until(() => eventsOf('three', 'open').length === 3 && eventsOf('three', 'end').length >= 4);
    await server().stop();
    await setTimeout(500);
    await server().run();
    expect(await exitCodes(children)).toEqual([0, 0, 0]);
    await expectWhole('three');
    const runs = eventsOf('three', 'run');
    expect(sorted(runs.map(({ number }) => number))).toEqual(numbers);
    expect(new Set(runs.map(({ pid }) => pid)).size).toBeGreaterThan(1);
    // Suggestions considered the trials of other coordinators, so no two are equal.
    expect(new Set(runs.map(({ values }) => JSON.stringify(values))).size).toBe(TRIALS);
  });

  it('runs the trials of a killed or stopped process again in another one', async () => {
    // Long steps, so that a kill hardly ever comes between the end of a trial and its line in the log.
    const [killed, stopped] = [2, 1].map((parallel) =>
      start('cut', { parallel, stepMs: 300, leaseMs: 2000 }),
    );
    await until(() => underWay('cut', killed).length === 2 && underWay('cut', stopped).length === 1);
    killed.kill('SIGKILL');
    stopped.kill('SIGSTOP');
    const left = [...underWay('cut', killed), ...underWay('cut', stopped)];
    expect(left.length).toBeGreaterThan(0);
    const last = start('cut', { leaseMs: 2000 });
    expect(await exitCodes([last])).toEqual([0]);
    await expectWhole('cut');
    stopped.kill('SIGCONT');
    expect(await exitCodes([stopped])).toEqual([0]);
    await expectWhole('cut');
    const again = eventsOf('cut', 'end').filter(
      ({ pid, trial }) => pid === last.pid && left.includes(trial.number),
    );
    expect(sorted(again.map(({ trial }) => trial.number))).toEqual(sorted(left));
  });

  it('ends with a one-line error if the server stays away, and another run loses nothing', async () => {
    const reasons: string[] = [];
    const open = () =>
      openStudyDatabase(server().url(), {
        study: 'gone',
        leaseMs: 1000,
        patienceMs: 600,
        onLost: (reason) => reasons.push(reason),
      });
    const storage = await open();
    const run = async (trial: RunningTrial) => {
      if (trial.number === 5 && reasons.length === 0) await server().stop();
      return measure(trial);
    };
    const failure = await runStudy({ ...search(run, storage), parallel: 2 }).catch((error: unknown) => error);
    expect(String(failure)).toMatch(
      /^StudyError: runStudy: "storage" expected to be readable and writable, got connect ECONNREFUSED [\d.:]+, at postgres:\/\/tester@[\d.:]+\/postgres, study gone\. Fix the cause and run the study again to continue it\.$/,
    );
    expect(reasons.length).toBe(1);
    await storage.close();
    await server().run();
    const again = await open();
    const ended = (await again.trials()).filter(({ state }) => state !== 'running');
    expect(ended.length).toBeGreaterThan(3);
    const { trials } = await runStudy(search(measure, again));
    expect(trials.map(({ number }) => number)).toEqual(numbers);
    for (const trial of ended) expect(trials[trial.number]).toEqual(trial);
    await again.close();
  });
});

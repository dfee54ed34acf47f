import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { RandomStream } from '@gru4rec/random';
import { testFolder } from '@gru4rec/test-support/folder';
import { describe, expect, it } from 'vitest';
import { openStudyFile } from '../src/storage/study-file.ts';
import type { TrialRecord } from '../src/trial.ts';
import { linesOf, startProgram } from './study-process.ts';
import { facts } from './trials.ts';

const folder = testFolder();
const TRIALS = 24;

const logOf = (name: string) => join(folder, `${name}.log`);
const start = (name: string, parallel: number) =>
  startProgram([join(folder, name), logOf(name), TRIALS, parallel]);
const dots = (child: ChildProcess) => child.stdout as NodeJS.ReadableStream;

/** @returns whether the study ended before its log had this many lines. */
async function killAfter(child: ChildProcess, lines: number): Promise<boolean> {
  let seen = 0;
  dots(child).on('data', (written: Buffer) => {
    seen += written.length;
    if (seen >= lines) child.kill('SIGKILL');
  });
  const [code] = await once(child, 'close');
  return code === 0;
}

async function trialsOf(name: string): Promise<TrialRecord[]> {
  const storage = await openStudyFile(join(folder, name));
  const trials = await storage.trials();
  await storage.close();
  return trials;
}

/** Kills the study at seeded moments until it is done. @returns the number of kills. */
async function runKilled(name: string, parallel: number): Promise<number> {
  const stream = new RandomStream(parallel, 'test.kill');
  // The first kills are while it opens: before the file exists, and before the file contains a study.
  for (let kills = 0; ; kills++) {
    const lines = kills < 2 ? kills + 1 : 3 + stream.nextBelow(14);
    if (await killAfter(start(name, parallel), lines)) return kills;
  }
}

describe('a study whose process is killed', () => {
  it.each([1, 3])('loses and repeats no trial that ended, %i at a time', async (parallel) => {
    const name = `killed-${parallel}`;
    expect(await runKilled(name, parallel)).toBeGreaterThan(4);
    const trials = await trialsOf(name);
    expect(trials.map(({ number }) => number)).toEqual(Array.from({ length: TRIALS }, (_, number) => number));
    expect(trials.every(({ state }) => state !== 'running')).toBe(true);
    const lines = linesOf(logOf(name));
    // Some kills interrupted a running trial.
    expect(lines.filter(({ event }) => event === 'run').length).toBeGreaterThan(TRIALS);
    const ended = new Set<number>();
    for (const { event, number, values, trial } of lines) {
      if (event === 'run') {
        expect(ended).not.toContain(number);
        expect(trials[number].values).toEqual(values);
      }
      if (event !== 'end') continue;
      expect(ended).not.toContain(trial.number);
      ended.add(trial.number);
      expect(trials[trial.number]).toEqual(trial);
    }
  });

  it('has the trials of one that was never killed, one at a time', async () => {
    expect(await killAfter(start('whole', 1), Number.POSITIVE_INFINITY)).toBe(true);
    await runKilled('cut', 1);
    const [whole, cut] = [await trialsOf('whole'), await trialsOf('cut')];
    expect(facts(cut)).toEqual(facts(whole));
    expect(new Set(whole.map(({ state }) => state))).toEqual(new Set(['complete', 'pruned', 'failed']));
  });

  it('keeps another process out while it runs', async (ctx) => {
    if (process.platform === 'win32') ctx.skip('no SIGSTOP on Windows');
    const child = start('held', 1);
    while (!linesOf(logOf('held')).some(({ event }) => event === 'run')) await once(dots(child), 'data');
    child.kill('SIGSTOP');
    const file = join(folder, 'held');
    await expect(openStudyFile(file)).rejects.toThrow(
      `openStudyFile: "file" expected one coordinator at a time, got a second, at ${file}. Wait for the first to finish, or name another file.`,
    );
    child.kill('SIGKILL');
    await once(child, 'close');
    expect((await trialsOf('held')).length).toBeGreaterThan(0);
  });
});

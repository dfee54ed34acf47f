import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { best } from '../../src/best.ts';
import { runStudy } from '../../src/run-study.ts';
import { createTpeSampler } from '../../src/samplers/tpe.ts';
import { parseSpace } from '../../src/space.ts';
import { openStudyFile } from '../../src/storage/study-file.ts';
import { type Change, encodeLine } from '../../src/storage/study-lines.ts';
import { StudyError } from '../../src/study-error.ts';
import { testFolder } from '../folder.ts';

const folder = testFolder();
const space = parseSpace({
  rate: { type: 'log-uniform', low: 0.01, high: 1 },
  units: { type: 'integer', low: 1, high: 9, step: 2 },
  loss: { type: 'choice', options: ['a', ['b', null]] },
  fixed: { of: 1 },
});

/** Runs a study in a file until it has the given number of trials. */
async function run(file: string, trials: number) {
  const storage = await openStudyFile(file);
  try {
    const sampler = createTpeSampler({ startupTrials: 2 });
    const result = await runStudy({
      ...{ storage, space, trials, sampler, seed: 3, direction: 'maximize', fingerprint: { of: 'd' } },
      run: ({ values, report }) => {
        report(1, Number(values['rate']));
        return Number(values['units']);
      },
    });
    return [result.trials, await best(storage)];
  } finally {
    await storage.close();
  }
}

/** Changes the lines of a kind as another program would, with right checksums. */
function tamper(file: string, kind: string, alter: (line: Change) => object | undefined): void {
  const lines = readFileSync(whole, 'utf8').split('\n').slice(0, -1);
  const changes = lines.map((line) => {
    const { crc32: _, ...change } = JSON.parse(line);
    return change.change === kind ? alter(change) : change;
  });
  writeFileSync(file, changes.filter(Boolean).map(encodeLine).join(''));
}

const whole = join(folder, 'whole');
const inValues =
  (values: object, of = 0) =>
  (line: Change) =>
    line['number'] === of ? { ...line, values: { ...(line['values'] as object), ...values } } : line;
const set = (values: object) => (line: Change) => ({ ...line, ...values });

function expectOneLine(error: unknown, file: string): void {
  expect(error).toBeInstanceOf(StudyError);
  const { message } = error as StudyError;
  expect(message).toContain(`at ${file}`);
  expect(message.length).toBeLessThan(file.length + 500);
  expect(message).not.toMatch(/\n|undefined|\[object/);
}

describe('a study that another program changed', () => {
  beforeAll(() => run(whole, 3));

  it.each<[string, string, (line: Change) => object | undefined, string]>([
    [
      'no value',
      'start',
      set({ values: {} }),
      '"trials.0.values.rate" expected a value of the space, got nothing',
    ],
    ['a list of values', 'start', set({ values: [1] }), '"trials.0.values" expected an object, got [1]'],
    [
      'a value too high',
      'start',
      inValues({ rate: 2 }),
      '"trials.0.values.rate" expected a value of the space, got 2',
    ],
    [
      'a value between steps',
      'start',
      inValues({ units: 2.5 }, 1),
      '"trials.1.values.units" expected a value of the space, got 2.5',
    ],
    [
      'another choice',
      'start',
      inValues({ loss: 'c' }),
      '"trials.0.values.loss" expected a value of the space, got "c"',
    ],
    [
      'another constant',
      'start',
      inValues({ fixed: { of: 2 } }),
      '"trials.0.values.fixed" expected a value of the space, got {"of":2}',
    ],
    [
      'a state',
      'end',
      set({ state: 'done' }),
      '"trials.0.state" expected "running"|"complete"|"pruned"|"failed"',
    ],
    ['NaN', 'end', set({ value: Number.NaN }), '"trials.0.value" expected a number, got null'],
    ['no result', 'end', set({ value: undefined }), '"trials.0.value" expected a number, got nothing'],
    [
      'a gap',
      'start',
      ({ number, ...line }) => ({ ...line, number: Number(number) + 1 }),
      'expected a trial that',
    ],
    [
      'no first trial',
      'start',
      (line) => (line['number'] === 0 ? undefined : line),
      'expected a trial that has',
    ],
    ['a time', 'start', set({ startedMs: 'now' }), '"trials.0.startedMs" expected'],
    [
      'a negative step',
      'report',
      set({ step: -1 }),
      '"trials.0.reports.0.step" expected a number >=0, got -1',
    ],
    [
      'a text as report',
      'report',
      set({ value: 'x' }),
      '"trials.0.reports.0.value" expected a number, got "x"',
    ],
    ['an unknown change', 'report', set({ change: 'x' }), '"change" expected a known change, got "x"'],
    ['no space', 'study', set({ space: {} }), '"space" expected a search space'],
    [
      'a direction',
      'study',
      set({ direction: 'up' }),
      '"direction" expected "maximize"|"minimize", got "up"',
    ],
    ['no sampler', 'study', set({ sampler: null }), '"sampler" expected an object, got null'],
    ['a seed', 'study', set({ seed: 'x' }), '"seed" expected decimal digits, got "x"'],
    ['no fingerprint', 'study', set({ fingerprint: null }), '"fingerprint" expected an object, got null'],
    ['no pruner', 'study', set({ pruner: undefined }), '"pruner" expected an object, got nothing'],
  ])('is refused after %s', async (_, kind, alter, text) => {
    const file = join(folder, 'changed');
    tamper(file, kind, alter);
    const error = await run(file, 4).catch((thrown: unknown) => thrown);
    expectOneLine(error, file);
    expect((error as Error).message).toContain(text);
  });

  it('is refused after a report twice', async () => {
    const file = join(folder, 'twice');
    const lines = readFileSync(whole, 'utf8').replace(/^.*"report".*\n/gm, '$&$&');
    writeFileSync(file, lines);
    await expect(run(file, 4)).rejects.toThrow('"trials.0.reports" expected steps that increase');
  });

  it('continues if nothing was changed', async () => {
    expect((await run(whole, 4))[0]).toHaveLength(4);
  });
});

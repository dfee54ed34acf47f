import { copyFileSync } from 'node:fs';
import { join } from 'node:path';
import { DuckDBInstance } from '@duckdb/node-api';
import { beforeAll, describe, expect, it } from 'vitest';
import { best } from '../../src/best.ts';
import { runStudy } from '../../src/run-study.ts';
import { createTpeSampler } from '../../src/samplers/tpe.ts';
import { parseSpace } from '../../src/space.ts';
import { openStudyFile } from '../../src/storage/study-file.ts';
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

/** Changes the tables as another program would. */
async function tamper(file: string, sql: string): Promise<void> {
  const instance = await DuckDBInstance.create(file);
  const connection = await instance.connect();
  await connection.run(sql);
  connection.closeSync();
  instance.closeSync();
}

function expectOneLine(error: unknown, file: string): void {
  expect(error).toBeInstanceOf(StudyError);
  const { message } = error as StudyError;
  expect(message).toContain(`at ${file}`);
  expect(message.length).toBeLessThan(file.length + 500);
  expect(message).not.toMatch(/\n|undefined|\[object/);
}

describe('a study that another program changed', () => {
  const whole = join(folder, 'whole');
  beforeAll(() => run(whole, 3));

  it.each([
    ["UPDATE trials SET values = '{}'", '"trials.0.values.rate" expected a value of the space, got nothing'],
    ["UPDATE trials SET values = '[1]'", '"trials.0.values" expected an object, got [1]'],
    [
      `UPDATE trials SET values = json_merge_patch(values, '{"rate": 2}')`,
      '"trials.0.values.rate" expected a value of the space, got 2',
    ],
    [
      `UPDATE trials SET values = json_merge_patch(values, '{"units": 2.5}') WHERE number = 1`,
      '"trials.1.values.units" expected a value of the space, got 2.5',
    ],
    [
      `UPDATE trials SET values = json_merge_patch(values, '{"loss": "c"}')`,
      '"trials.0.values.loss" expected a value of the space, got "c"',
    ],
    [
      `UPDATE trials SET values = json_merge_patch(values, '{"fixed": {"of": 2}}')`,
      '"trials.0.values.fixed" expected a value of the space, got {"of":2}',
    ],
    ["UPDATE trials SET state = 'done'", '"trials.0.state" expected "running"|"complete"|"pruned"|"failed"'],
    ["UPDATE trials SET value = 'nan'::DOUBLE", '"trials.0.value" expected a number, got NaN'],
    ['UPDATE trials SET value = NULL', '"trials.0.value" expected a number, got nothing'],
    ['UPDATE trials SET number = number + 1', '"trials.0.number" expected 0, got 1'],
    ['DELETE FROM trials WHERE number = 0', '"trials.0.number" expected 0, got 1'],
    ["UPDATE trials SET started = 'infinity'", '"trials.0.startedMs" expected'],
    ['UPDATE reports SET step = -1', '"trials.0.reports.0.step" expected a number >=0, got -1'],
    ['INSERT INTO reports SELECT * FROM reports', '"trials.0.reports" expected steps that increase'],
    [
      "UPDATE reports SET value = 'inf'::DOUBLE",
      '"trials.0.reports.0.value" expected a number, got Infinity',
    ],
    ["UPDATE study SET space = '{}'", '"space" expected a search space'],
    ["UPDATE study SET direction = 'up'", '"direction" expected "maximize"|"minimize", got "up"'],
    ["UPDATE study SET sampler = 'null'", '"sampler" expected an object, got null'],
    ["UPDATE study SET seed = 'x'", '"seed" expected decimal digits, got "x"'],
    ['UPDATE study SET fingerprint = NULL', '"fingerprint" expected an object, got null'],
    ['ALTER TABLE study DROP COLUMN pruner', '"pruner" expected an object, got nothing'],
    ['DROP TABLE trials', 'expected to be readable and writable, got Catalog Error'],
  ])('is refused after %s', async (sql, text) => {
    const file = join(folder, 'changed');
    copyFileSync(whole, file);
    await tamper(file, sql);
    const error = await run(file, 4).catch((thrown: unknown) => thrown);
    expectOneLine(error, file);
    expect((error as Error).message).toContain(text);
  });

  it('continues if nothing was changed', async () => {
    await tamper(whole, 'CREATE TABLE other (x INTEGER)');
    expect((await run(whole, 4))[0]).toHaveLength(4);
  });
});

import { cpSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { runHere } from '../run-trainer.ts';
import { trainTiny, useTinyShop } from '../tiny-shop.ts';

const folder = useTinyShop();
beforeAll(async () => {
  await trainTiny(folder(), 'model');
});

const evaluate = (...more: string[]) =>
  runHere(folder(), 'evaluate', '--model', 'model', '--data', 'data', ...more);
const measure = async (...more: string[]) => JSON.parse((await evaluate('--json', ...more)).stdout);

describe('trainer evaluate', () => {
  it('prints one JSON object with figures and where they come from', async () => {
    const { code, stdout, stderr } = await evaluate('--cutoffs', '1', '5', '10', '20', '--json');
    expect(code).toBe(0);
    expect(stdout.trimEnd()).not.toContain('\n');
    expect(stderr).toMatch(
      /^Warning: \d+ predictions are few, .*\n[\d,]+ predictions in [\d,]+ sessions of the test split, tie rule standard, [\d.]+ s\n$/,
    );
    const answer = JSON.parse(stdout);
    expect(answer).toMatchObject({
      predictions: expect.any(Number),
      sessions: expect.any(Number),
      split: 'test',
      tieRule: 'standard',
      dataset: expect.stringMatching(/^[0-9a-f]{64}$/),
      engine: 'wasm',
      seed: 42,
      version: expect.stringMatching(/^\d+\.\d+\.\d+$/),
      command: 'trainer evaluate --model model --data data --cutoffs 1 5 10 20 --json',
    });
    expect(answer.results.map(({ cutoff }: { cutoff: number }) => cutoff)).toEqual([1, 5, 10, 20]);
    expect(answer.results[0].recall).toBe(answer.results[0].mrr);
    const names = answer.baselines.map(({ name }: { name: string }) => name);
    expect(names).toEqual(['POP', 'S-POP', 'item-KNN', 'SR', 'VSTAN']);
  });

  it('gives a table for each cutoff with the baselines beside the model', async () => {
    const { code, stdout } = await evaluate('--cutoffs', '5', '20');
    expect(code).toBe(0);
    for (const cutoff of [5, 20]) expect(stdout).toContain(`│ recall@${cutoff} `);
    for (const name of ['POP', 'S-POP', 'item-KNN', 'SR', 'VSTAN', 'GRU4Rec']) {
      expect(stdout.match(new RegExp(`│ ${name} +│ +0\\.\\d{4} │`, 'g'))).toHaveLength(2);
    }
  });

  it('gives the same figures twice', async () => {
    expect(await measure()).toEqual(await measure());
  });

  it('gives the same figures on the reference engine, within float32', async () => {
    const [wasm, reference] = [await measure(), await measure('--engine', 'reference')];
    expect(reference.engine).toBe('reference');
    expect(reference.results[0].recall).toBeCloseTo(wasm.results[0].recall, 2);
  });

  it('leaves the baselines out when told', async () => {
    expect((await measure('--no-baselines')).baselines).toEqual([]);
  });

  it('passes tie rule, seen items and bootstrap on', async () => {
    const answer = await measure('--tie-rule', 'median', '--exclude-seen', '--bootstrap', '20');
    expect(answer).toMatchObject({ tieRule: 'median', excludeSeen: true });
    expect(answer.excludedTargets).toBeGreaterThan(0);
    expect(answer.results[0].interval.recall).toHaveLength(2);
  });

  it('names a split that is missing, and how to get it', async () => {
    const { code, stdout, stderr } = await evaluate('--split', 'validation');
    expect({ code, stdout }).toEqual({ code: 1, stdout: '' });
    expect(stderr).toBe('The dataset data has no validation split. Prepare it with --validation-days\n');
  });

  it('refuses a dataset of other items', async () => {
    await runHere(
      folder(),
      'prepare',
      '--input',
      'clicks.tsv',
      '--min-item-support',
      '30',
      '--test-days',
      '2',
      '--output',
      'few',
    );
    const few = ['--data', 'few', '--output', 'of-few', '--epochs', '1', '--set', 'layers=4', 'nSample=8'];
    expect((await runHere(folder(), 'train', ...few)).code).toBe(0);
    const refused = await runHere(folder(), 'evaluate', '--model', 'of-few', '--data', 'data');
    expect(refused.code).toBe(1);
    expect(refused.stderr).toMatch(
      /^The model does not know \d+ of the dataset's \d+ items, the first being/,
    );
    const { code, stderr } = await runHere(folder(), 'evaluate', '--model', 'model', '--data', 'few');
    expect(code).toBe(0);
    expect(stderr).toMatch(/^The model knows \d+ items more than the dataset: it ranks against all of them/);
  });

  it('names the file of a broken model', async () => {
    cpSync(join(folder(), 'model'), join(folder(), 'broken'), { recursive: true });
    writeFileSync(join(folder(), 'broken', 'parameters.arrow'), 'ARROW1');
    const { code, stderr } = await runHere(folder(), 'evaluate', '--model', 'broken', '--data', 'data');
    expect(code).toBe(1);
    expect(stderr).toMatch(/broken.parameters\.arrow differs from the checksum in model\.json/);
    expect(stderr.trim().split('\n')).toHaveLength(1);
  });

  it('names a model and a dataset that are missing', async () => {
    const noModel = await runHere(folder(), 'evaluate', '--model', 'nowhere', '--data', 'data');
    expect(noModel).toMatchObject({
      code: 1,
      stderr: expect.stringMatching(/nowhere.model\.json cannot be read/),
    });
    const noData = await runHere(folder(), 'evaluate', '--model', 'model', '--data', 'nowhere');
    expect(noData).toMatchObject({ code: 1, stderr: expect.stringMatching(/got nothing, at .*nowhere/) });
  });
});

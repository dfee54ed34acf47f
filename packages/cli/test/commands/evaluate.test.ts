import { describe, expect, it } from 'vitest';
import { runHere } from '../run-trainer.ts';
import { trainTiny, useTinyModel } from '../tiny-shop.ts';

const folder = useTinyModel();
const evaluate = (...more: string[]) => runHere(folder(), 'evaluate', 'model', '--data', 'data', ...more);
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
      command: 'trainer evaluate model --data data --cutoffs 1 5 10 20 --json',
    });
    expect(answer.results.map(({ cutoff }: { cutoff: number }) => cutoff)).toEqual([1, 5, 10, 20]);
    expect(answer.results[0].recall).toBe(answer.results[0].mrr);
    const names = answer.baselines.map(({ name }: { name: string }) => name);
    expect(names).toEqual(['POP', 'S-POP', 'item-KNN', 'SR', 'VSTAN']);
  });

  it('prints a table per cutoff with the baselines and the model', async () => {
    const { code, stdout } = await evaluate('--cutoffs', '5', '20');
    expect(code).toBe(0);
    for (const cutoff of [5, 20]) expect(stdout).toContain(`│ recall@${cutoff} `);
    for (const name of ['POP', 'S-POP', 'item-KNN', 'SR', 'VSTAN', 'GRU4Rec']) {
      expect(stdout.match(new RegExp(`│ ${name} +│ +0\\.\\d{4}[* ] │`, 'g'))).toHaveLength(2);
    }
  });

  it('evaluates all parts of the scores, each alone and all but each with --parts', async () => {
    const set = ['--set', 'parts=network,repeats,co-occurrences', 'holdOut=0.2'];
    expect((await trainTiny(folder(), 'of-parts', ...set)).code).toBe(0);
    const { code, stdout } = await runHere(folder(), ...'evaluate of-parts --data data --parts'.split(' '));
    expect(code).toBe(0);
    const names = ['all', 'network', 'repeats', 'co-occurrences', 'network', 'repeats', 'co-occurrences'].map(
      (name, at) => (at > 3 ? `without ${name}` : name),
    );
    const rows = [...stdout.matchAll(/│ (\S.*?) +│ +0\.\d{4}[* ] │ +0\.\d{4}[* ] │/g)].map(
      ([, name]) => name,
    );
    expect(rows.sort()).toEqual(names.toSorted());
    const json = await runHere(folder(), ...'evaluate of-parts --data data --parts --json'.split(' '));
    const answer = JSON.parse(json.stdout);
    expect(answer.parts.map(({ name }: { name: string }) => name)).toEqual(names);
    expect(answer.parts[0].results).toEqual(answer.results);
    expect(answer).not.toHaveProperty('baselines');
    const [all, ...others] = answer.parts.map(
      ({ results }: { results: { recall: number }[] }) => results[0]?.recall,
    );
    expect(new Set(others).size).toBeGreaterThan(3);
    const plain = await runHere(folder(), ...'evaluate of-parts --data data --json'.split(' '));
    expect(JSON.parse(plain.stdout).results[0].recall).toBe(all);
    expect(JSON.parse(plain.stdout)).not.toHaveProperty('parts');
  });

  it('has the network of a model without other parts, and refuses a baseline with --parts', async () => {
    const { parts } = await measure('--parts');
    expect(parts.map(({ name }: { name: string }) => name)).toEqual(['all', 'network']);
    const kept = ['compare', 'data', '--models', 'sr', '--keep', 'rules'];
    expect((await runHere(folder(), ...kept)).code).toBe(0);
    const { code, stdout, stderr } = await runHere(
      folder(),
      ...'evaluate rules --data data --parts'.split(' '),
    );
    expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
    expect(stderr).toMatch(
      /^MODEL with --parts expected a model, got a baseline or a mix, at .*rules\. It has no GRU4Rec\n/,
    );
  });

  it.each([
    [[]],
    [['--protocol', 'remaining', '--sample', '20']],
    [['--sample', '50%', '--tie-rule', 'median']],
    [['--protocol', 'last', '--exclude-seen']],
  ])('leaves out only the baselines with --no-baselines: %j', async (more) => {
    const modelOnly = await measure('--no-baselines', ...more);
    expect(modelOnly.baselines).toEqual([]);
    expect(modelOnly).toEqual({ ...(await measure(...more)), baselines: [], command: expect.any(String) });
  });

  it('passes on the tie rule and seen items', async () => {
    const answer = await measure('--tie-rule', 'median', '--exclude-seen');
    expect(answer).toMatchObject({ tieRule: 'median', excludeSeen: true });
    expect(answer.excludedTargets).toBeGreaterThan(0);
  });

  it('evaluates model and baselines on the same sample, with intervals', async () => {
    const all = await measure();
    const sample = await measure('--sample', '50%');
    const sessions = sample.sample.sessions;
    expect(sample.sample).toEqual({
      sessions: Math.round(sample.sample.of / 2),
      of: sample.sample.of,
      seed: 1,
    });
    expect(sample.sessions).toBeLessThanOrEqual(sessions);
    expect(sample.predictions).toBeLessThan(all.predictions);
    for (const { results } of [sample, ...sample.baselines]) {
      const { recall, interval } = results[0];
      expect(interval.recall[0]).toBeLessThanOrEqual(recall);
      expect(interval.recall[1]).toBeGreaterThanOrEqual(recall);
    }
    expect(all).not.toHaveProperty('sample');
    expect(await measure('--sample', String(sessions))).toEqual({
      ...sample,
      command: expect.any(String),
    });
  });

  it.each([[[]], [['--no-baselines']]])('names a missing split and how to create it %j', async (more) => {
    const { code, stdout, stderr } = await evaluate('--split', 'validation', ...more);
    expect({ code, stdout }).toEqual({ code: 1, stdout: '' });
    expect(stderr).toBe('The dataset data has no validation split. Prepare it with --validation\n');
  });

  it('refuses a dataset with other items', async () => {
    await runHere(
      folder(),
      ...'prepare --input clicks.tsv --min-item-support 30 --test 2d --output few'.split(' '),
    );
    const few = ['few', '--output', 'of-few', '--set', 'nEpochs=1', '--set', 'layers=4', 'nSample=8'];
    expect((await runHere(folder(), 'train', ...few)).code).toBe(0);
    const refused = await runHere(folder(), 'evaluate', 'of-few', '--data', 'data');
    expect(refused.code).toBe(1);
    expect(refused.stderr).toMatch(
      /^The model does not know \d+ of the dataset's \d+ items, the first being/,
    );
    const { code, stderr } = await runHere(folder(), 'evaluate', 'model', '--data', 'few');
    expect(code).toBe(0);
    expect(stderr).toMatch(/^The model knows \d+ items more than the dataset: it ranks against all of them/);
  });
});

import { describe, expect, it } from 'vitest';
import { failing, ok } from '../run-trainer.ts';
import { trainTiny, useTinyModel } from '../tiny-shop.ts';

const folder = useTinyModel();
const json = async (line: string) => JSON.parse((await ok(folder(), `${line} --json`)).stdout);
const EVALUATE = 'evaluate model --data data';
const measure = (more: string) => json(`${EVALUATE} ${more}`);
const namesOf = (models: readonly { name: string }[]) => models.map(({ name }) => name);

describe('trainer evaluate', () => {
  it('prints one JSON object with figures and where they come from', async () => {
    const { stdout, stderr } = await ok(folder(), `${EVALUATE} --cutoffs 1 5 10 20 --json`);
    expect(stdout.trimEnd()).not.toContain('\n');
    expect(stderr).toMatch(
      /^Warning: \d+ predictions are few, .*\n[\d,]+ predictions in [\d,]+ sessions of the test split, tie rule standard, [\d.]+ s\n$/,
    );
    const answer = JSON.parse(stdout);
    expect(answer).toMatchObject({
      ...{ predictions: expect.any(Number), sessions: expect.any(Number), split: 'test' },
      ...{ tieRule: 'standard', dataset: expect.stringMatching(/^[0-9a-f]{64}$/), engine: 'wasm', seed: 42 },
      version: expect.stringMatching(/^\d+\.\d+\.\d+$/),
      command: 'trainer evaluate model --data data --cutoffs 1 5 10 20 --json',
    });
    expect(answer.results.map(({ cutoff }: { cutoff: number }) => cutoff)).toEqual([1, 5, 10, 20]);
    expect(answer.results[0].recall).toBe(answer.results[0].mrr);
    expect(namesOf(answer.baselines)).toEqual(['POP', 'S-POP', 'item-KNN', 'SR', 'VSTAN']);
  });

  it('prints a table per cutoff with the baselines and the model', async () => {
    const { stdout } = await ok(folder(), `${EVALUATE} --cutoffs 5 20`);
    for (const cutoff of [5, 20]) expect(stdout).toContain(`│ recall@${cutoff} `);
    for (const name of ['POP', 'S-POP', 'item-KNN', 'SR', 'VSTAN', 'GRU4Rec']) {
      expect(stdout.match(new RegExp(`│ ${name} +│ +0\\.\\d{4}[* ] │`, 'g'))).toHaveLength(2);
    }
  });

  it('evaluates all parts of the scores, each alone and all but each with --parts', async () => {
    await trainTiny(folder(), 'of-parts', '--set parts=network,repeats,co-occurrences holdOut=0.2');
    const { stdout } = await ok(folder(), 'evaluate of-parts --data data --parts');
    const parts = ['network', 'repeats', 'co-occurrences'];
    const names = ['all', ...parts, ...parts.map((name) => `without ${name}`)];
    const rows = [...stdout.matchAll(/│ (\S.*?) +│ +0\.\d{4}[* ] │ +0\.\d{4}[* ] │/g)];
    expect(rows.map(([, name]) => name).sort()).toEqual(names.toSorted());
    const answer = await json('evaluate of-parts --data data --parts');
    expect(namesOf(answer.parts)).toEqual(names);
    expect(answer.parts[0].results).toEqual(answer.results);
    expect(answer).not.toHaveProperty('baselines');
    const recalls = answer.parts.map(({ results }: { results: { recall: number }[] }) => results[0]?.recall);
    expect(new Set(recalls.slice(1)).size).toBeGreaterThan(3);
    const plain = await json('evaluate of-parts --data data');
    expect(plain.results[0].recall).toBe(recalls[0]);
    expect(plain).not.toHaveProperty('parts');
  });

  it('prints what --variety costs beside coverage and the distance of lists; 0 changes nothing', async () => {
    const { stdout } = await ok(folder(), `${EVALUATE} --variety 0 0.9`);
    expect(stdout).toMatch(/intra-list distance/);
    const { variety, results } = await measure('--variety 0 0.9');
    expect(namesOf(variety)).toEqual(['variety 0', 'variety 0.9']);
    const [none, most] = variety.map(
      ({ results }: { results: { intraListDistance: number }[] }) => results[0],
    );
    expect(most.intraListDistance).toBeGreaterThan(none.intraListDistance);
    const { intraListDistance: _, ...plain } = none;
    expect([results, [plain]]).toEqual([[none], (await measure('--no-baselines')).results]);
  });

  it('has the network of a model without other parts, and refuses a baseline with --parts and --variety', async () => {
    expect(namesOf((await measure('--parts')).parts)).toEqual(['all', 'network']);
    await ok(folder(), 'compare data --models sr --keep rules');
    expect(await failing(folder(), 'evaluate rules --data data --parts', 2)).toMatch(
      /^MODEL with --parts expected a model, got a baseline, at .*rules\n/,
    );
    for (const line of [
      'evaluate rules --data data --variety 0.2',
      'recommend rules --session 1 --variety 0.2',
    ])
      expect(await failing(folder(), line, 2)).toMatch(/--variety expected a model whose items have vectors/);
  });

  it.each(['--protocol remaining --sample 20', '--protocol last --exclude-seen --tie-rule median'])(
    'leaves out only the baselines with --no-baselines: %s',
    async (more) => {
      const all = await measure(more);
      const withoutBaselines = await measure(`--no-baselines ${more}`);
      expect(withoutBaselines).toEqual({ ...all, baselines: [], command: expect.any(String) });
    },
  );

  it('passes on the tie rule and seen items', async () => {
    const answer = await measure('--tie-rule median --exclude-seen');
    expect(answer).toMatchObject({ tieRule: 'median', excludeSeen: true });
    expect(answer.excludedTargets).toBeGreaterThan(0);
  });

  it('evaluates model and baselines on the same sample, with intervals', async () => {
    const all = await measure('--cutoffs 20');
    const { command, ...sampled } = await measure('--sample 50%');
    const { sample, baselines, ...own } = sampled;
    expect(sample).toEqual({ sessions: Math.round(sample.of / 2), of: sample.of, seed: 1 });
    expect(own.sessions).toBeLessThanOrEqual(sample.sessions);
    expect(own.predictions).toBeLessThan(all.predictions);
    for (const { results } of [own, ...baselines]) {
      const { recall, interval } = results[0];
      expect(interval.recall[0]).toBeLessThanOrEqual(recall);
      expect(interval.recall[1]).toBeGreaterThanOrEqual(recall);
    }
    expect(all).not.toHaveProperty('sample');
    expect(await measure(`--sample ${sample.sessions}`)).toMatchObject(sampled);
  });

  it.each(['', ' --no-baselines'])('names a missing split and how to create it:%s', async (more) => {
    expect(await failing(folder(), `${EVALUATE} --split validation${more}`)).toBe(
      'The dataset data has no validation split. Prepare it with --validation\n',
    );
  });

  it('refuses a dataset with other items', async () => {
    await ok(folder(), 'prepare --input clicks.tsv --min-item-support 30 --test 2d --output few');
    await ok(folder(), 'train few --output of-few --set nEpochs=1 layers=4 nSample=8');
    expect(await failing(folder(), 'evaluate of-few --data data')).toMatch(
      /^The model does not know \d+ of the dataset's \d+ items, the first being/,
    );
    const { stderr } = await ok(folder(), 'evaluate model --data few');
    expect(stderr).toMatch(/^The model knows \d+ items more than the dataset: it ranks against all of them/);
  });
});

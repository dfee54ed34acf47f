import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { type Outcome, runHere } from '../run-trainer.ts';
import { useTinyShop } from '../tiny-shop.ts';

const folder = useTinyShop('--validation', '2d');

interface ToldMeasure {
  readonly mean: number;
  readonly sd?: number;
  readonly interval?: number[];
  readonly p?: number;
}

/** A model in a report's JSON. */
interface ReportedModel {
  readonly name: string;
  readonly runs: number;
  readonly options: Record<string, unknown>;
  readonly results: readonly Record<'recall' | 'mrr' | 'ndcg', ToldMeasure>[];
  readonly byPosition: readonly { predictions: number }[];
  readonly index?: { sessions: number; bytes: number };
  readonly curves: readonly { seed: number; epochs: unknown[] }[];
}

beforeAll(async () => {
  await runHere(folder(), 'prepare', '--input', 'clicks.tsv', '--test', '2d', '--output', 'plain');
  const config = { layers: [8], nSample: 16, batchSize: 8, nEpochs: 2, learningRate: 0.1 };
  writeFileSync(join(folder(), 'tiny.json'), JSON.stringify(config));
  const popular = `export default ({ support }) => ({
  itemCount: support.length,
  open(slots) {
    const scores = new Float32Array(slots * support.length);
    for (let slot = 0; slot < slots; slot++) scores.set(support, slot * support.length);
    return { step: () => scores, close() {} };
  },
});`;
  writeFileSync(join(folder(), 'mine.mjs'), popular);
  const mrr = `export default { label: 'my MRR', of: ([rank], cutoff) => (rank <= cutoff ? 1 / rank : 0) };`;
  writeFileSync(join(folder(), 'metric.mjs'), mrr);
});

const compare = (...argv: string[]): Promise<Outcome> => runHere(folder(), 'compare', 'data', ...argv);
const reportOf = async (...argv: string[]) => {
  const { code, stderr } = await compare(...argv, '--output', 'report');
  expect(code, stderr).toBe(0);
  return JSON.parse(readFileSync(join(folder(), 'report', 'report.json'), 'utf8')) as {
    title: string;
    models: ReportedModel[];
    warnings: string[];
    origin: Record<string, unknown>;
  };
};

describe('trainer compare', () => {
  it('says that counts suffice if no network surpasses them by more than chance', async () => {
    const { code, stdout, stderr } = await compare('--models', 'counts', 'tiny.json', 'pop');
    expect(code, stderr).toBe(0);
    expect(stdout).toMatch(/│ counts +│ +0\.\d{4}/);
    expect(stdout.replaceAll(/\s+/g, ' ')).toContain(
      'Without a network, counts is not worse than the best by more than chance: it may suffice on this log.',
    );
    expect((await compare('--models', 'counts', 'pop')).stdout).not.toContain('suffice');
  });

  it('trains seeded contenders once per seed, and gives mean and spread', async () => {
    const { models } = await reportOf('--models', 'pop', 'tiny.json', '--seeds', '1', '2');
    const [pop, gru] = models;
    expect([pop?.runs, gru?.runs]).toEqual([1, 2]);
    expect(pop?.results[0]?.recall.sd).toBeUndefined();
    expect(gru?.results[0]?.recall.sd).toBeGreaterThan(0);
    expect(gru?.curves.map(({ seed, epochs }) => [seed, epochs.length])).toEqual([
      [1, 2],
      [2, 2],
    ]);
  });

  it('tunes the weight of a mix on the validation split, or uses the one given', async () => {
    const { models } = await reportOf('--models', 'mix:sr+s-pop', 'mix:0.25:sr+s-pop');
    expect(models.map(({ name }) => name)).toEqual(['SR + S-POP', 'SR + S-POP (0.25)']);
    const tuned = 'MRR@20 of the next clicks of the validation split, tie rule standard';
    expect(models[0]?.options).toMatchObject({ parts: [{ name: 'SR' }, { name: 'S-POP' }], tuned });
    expect(models[1]?.options).toEqual({
      weight: 0.25,
      parts: [
        { name: 'SR', options: {} },
        { name: 'S-POP', options: {} },
      ],
    });
    const without = await runHere(folder(), 'compare', 'plain', '--models', 'mix:sr+s-pop');
    expect(without).toMatchObject({
      code: 1,
      stderr: expect.stringContaining('mix:sr+s-pop expected a dataset with a validation split'),
    });
  });

  it('states where the figures come from, and warns of few predictions', async () => {
    const { origin, warnings } = await reportOf('--models', 'bpr-mf', '--protocol', 'last', '--seeds', '4');
    expect(origin).toMatchObject({
      split: 'test',
      protocol: 'last',
      'tie rule': 'standard',
      seeds: '4',
      engine: 'wasm',
    });
    expect(origin['checksum']).toBe(
      JSON.parse(readFileSync(join(folder(), 'data', 'dataset.json'), 'utf8')).checksum,
    );
    expect(warnings.join('\n')).toContain('predictions are few, fewer than 1,000');
  });
});

describe('trainer compare with windows', () => {
  const windows = ['--windows', '3'];
  interface Window {
    readonly predictions: number;
    readonly models: { name: string; results: { recall: { mean: number } }[] }[];
  }

  it('gives means and intervals over windows in every report', async () => {
    const more = ['--models', 'pop', './mine.mjs', '--metrics', './metric.mjs', '--output', 'windows'];
    const { code, stdout, stderr } = await runHere(folder(), 'compare', 'plain', ...more, ...windows);
    expect(code, stderr).toBe(0);
    expect(stderr).toContain('window 3 of 3, mine: fit ');
    const [html = '', markdown = '', json = ''] = ['html', 'md', 'json'].map((ending) =>
      readFileSync(join(folder(), 'windows', `report.${ending}`), 'utf8'),
    );
    for (const text of [stdout, html, markdown]) {
      expect(text).toContain('Figures by window, recall@20 / MRR@20.');
      expect(text.replace(/&#39;|\\'/g, "'").replaceAll(/\s+/g, ' ')).toContain(
        "interval of the mean over windows (Student's t)",
      );
      expect(text).not.toContain('by session');
    }
    const report = JSON.parse(json);
    const [pop, mine] = report.models;
    expect(mine.results).toEqual(pop.results);
    expect(pop.results[0].own['my MRR']).toEqual(pop.results[0].mrr);
    const means = report.windows.map(({ models }: Window) => models[0]?.results[0]?.recall.mean ?? 0);
    const mean = (means[0] + means[1] + means[2]) / 3;
    const sd = Math.sqrt(means.reduce((sum: number, value: number) => sum + (value - mean) ** 2, 0) / 2);
    expect(sd).toBeGreaterThan(0);
    const { recall } = pop.results[0];
    expect(recall.mean).toBeCloseTo(mean, 12);
    expect(recall.sd).toBeCloseTo(sd, 12);
    expect(recall.interval[1]).toBeCloseTo(Math.min(1, mean + (4.303 * sd) / Math.sqrt(3)), 12);
    expect(report.origin).toMatchObject({
      windows: 3,
      predictions: report.windows.reduce((sum: number, { predictions }: Window) => sum + predictions, 0),
    });
    expect(readFileSync(join(folder(), 'windows', 'report.csv'), 'utf8')).toContain(
      `POP,20,3,${recall.mean},`,
    );
  });
});

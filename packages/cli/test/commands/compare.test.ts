import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { ok } from '../run-trainer.ts';
import { useTinyShop } from '../tiny-shop.ts';

const folder = useTinyShop('--validation 2d');

beforeAll(async () => {
  await ok(folder(), 'prepare --input clicks.tsv --test 2d --output plain');
  const config = { layers: [8], nSample: 16, batchSize: 8, nEpochs: 2, learningRate: 0.1 };
  writeFileSync(join(folder(), 'tiny.json'), JSON.stringify(config));
});

const read = (name: string) => readFileSync(join(folder(), 'report', name), 'utf8');
const reportOf = async (line: string) => {
  await ok(folder(), `compare data --output report --models ${line}`);
  return JSON.parse(read('report.json'));
};

describe('trainer compare', () => {
  it('says that counts suffice if no network surpasses them by more than chance', async () => {
    const { stdout } = await ok(folder(), 'compare data --models counts tiny.json pop');
    expect(stdout).toMatch(/│ counts +│ +0\.\d{4}/);
    expect(stdout.replaceAll(/\s+/g, ' ')).toContain(
      'Without a network, counts is not worse than the best by more than chance: it may suffice on this log.',
    );
  });

  it('trains seeded contenders once per seed, and gives mean and spread', async () => {
    const { models } = await reportOf('pop tiny.json --seeds 1 2');
    const [pop, gru] = models;
    expect([pop.runs, gru.runs]).toEqual([1, 2]);
    expect(pop.results[0].recall.sd).toBeUndefined();
    expect(gru.results[0].recall.sd).toBeGreaterThan(0);
    expect(gru.curves).toMatchObject([{ seed: 1 }, { seed: 2 }]);
    expect(gru.curves[0].epochs).toHaveLength(2);
  });

  it('states where the figures come from, and warns of few predictions', async () => {
    const { origin, warnings } = await reportOf('bpr-mf --protocol last --seeds 4');
    const { checksum } = JSON.parse(readFileSync(join(folder(), 'data', 'dataset.json'), 'utf8'));
    expect(origin).toMatchObject({
      ...{ split: 'test', protocol: 'last', 'tie rule': 'standard', seeds: '4', engine: 'wasm', checksum },
    });
    expect(warnings.join('\n')).toContain('predictions are few, fewer than 1,000');
  });

  it('gives means and intervals over windows in every report', async () => {
    const line = 'compare plain --models pop sr --windows 3 --output report';
    const { stdout, stderr } = await ok(folder(), line);
    expect(stderr).toContain('window 3 of 3, SR: fit ');
    for (const text of [stdout, read('report.html'), read('report.md')]) {
      expect(text).toContain('Figures by window, recall@20 / MRR@20.');
      expect(text.replace(/&#39;|\\'/g, "'").replaceAll(/\s+/g, ' ')).toContain(
        "interval of the mean over windows (Student's t)",
      );
      expect(text).not.toContain('by session');
    }
    const { models, windows, origin } = JSON.parse(read('report.json'));
    interface Window {
      readonly predictions: number;
      readonly models: { results: { recall: { mean: number } }[] }[];
    }
    const means: number[] = windows.map((window: Window) => window.models[0]?.results[0]?.recall.mean);
    const sum = (values: readonly number[]) => values.reduce((total, value) => total + value);
    const mean = sum(means) / 3;
    const sd = Math.sqrt(sum(means.map((value) => (value - mean) ** 2)) / 2);
    expect(sd).toBeGreaterThan(0);
    const { recall } = models[0].results[0];
    expect(recall.mean).toBeCloseTo(mean, 12);
    expect(recall.sd).toBeCloseTo(sd, 12);
    expect(recall.interval[1]).toBeCloseTo(Math.min(1, mean + (4.303 * sd) / Math.sqrt(3)), 12);
    const predictions = sum(windows.map((window: Window) => window.predictions));
    expect(origin).toMatchObject({ windows: 3, predictions });
    expect(read('report.csv')).toContain(`POP,20,3,${recall.mean},`);
  });
});

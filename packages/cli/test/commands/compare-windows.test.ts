import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { runHere } from '../run-trainer.ts';
import { useTinyShop } from '../tiny-shop.ts';

const folder = useTinyShop();
const compare = (...argv: string[]) => runHere(folder(), 'compare', 'data', ...argv);

beforeAll(() => {
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

describe('trainer compare with windows', () => {
  const windows = ['--windows', '3'];
  interface Window {
    readonly predictions: number;
    readonly models: { name: string; results: { recall: { mean: number } }[] }[];
  }

  it('gives means and intervals over windows in every report', async () => {
    const more = ['--models', 'pop', './mine.mjs', '--metrics', './metric.mjs', '--output', 'windows'];
    const { code, stdout, stderr } = await compare(...more, ...windows);
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

  it.each([
    [['--gate', 'pop >= sr recall@20'], '--gate expected one evaluation of all sessions, got --windows'],
    [['--ranks', 'r.parquet'], '--ranks expected one evaluation of all sessions, got --windows'],
    [['--windows', '21'], '--windows expected'],
  ])('refuses %j', async (more, message) => {
    const own = more.includes('--windows') ? [] : windows;
    const { code, stderr } = await compare('--models', 'pop', 'sr', ...own, ...more);
    expect({ code, stderr }).toEqual({ code: 2, stderr: expect.stringContaining(message) });
  });
});

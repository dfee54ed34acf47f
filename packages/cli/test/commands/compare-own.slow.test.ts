import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { runHere } from '../run-trainer.ts';
import { trainTiny, useTinyShop } from '../tiny-shop.ts';

const ofPreprocess = createRequire(new URL('../../../preprocess/package.json', import.meta.url));
const { DuckDBInstance } = ofPreprocess('@duckdb/node-api');

const folder = useTinyShop();
const compare = (...argv: string[]) => runHere(folder(), 'compare', 'data', ...argv);
const report = () => JSON.parse(readFileSync(join(folder(), 'report', 'report.json'), 'utf8'));
const write = (name: string, text: string) => writeFileSync(join(folder(), name), text);

/** POP, as a user may write it, with another body of `step`. */
const popular = (step: string) => `export default ({ support }) => ({
  name: 'any', itemCount: support.length, bytes: 2 ** 20,
  open(slots) {
    const scores = new Float32Array(slots * support.length);
    for (let slot = 0; slot < slots; slot++) scores.set(support, slot * support.length);
    return { step() { ${step} }, close() {} };
  },
});`;

beforeAll(() => {
  write('mine.mjs', popular('return scores;'));
  write('same.mjs', `export { default } from './mine.mjs';`);
});

describe('trainer compare with a module', () => {
  it('gives a scorer of a module the figures of the same baseline, by itself and in a mix', async () => {
    const models = ['./mine.mjs', 'pop', 'mix:0.5:./mine.mjs+sr', 'mix:0.5:pop+sr'];
    expect(await compare('--models', ...models, '--output', 'report')).toMatchObject({
      code: 0,
      stderr: expect.stringContaining('mine: fit '),
    });
    const found = report().models;
    expect(found.map(({ name }: { name: string }) => name)).toEqual([
      'mine',
      'POP',
      'mine + SR (0.5)',
      'POP + SR (0.5)',
    ]);
    expect(found[0]).toMatchObject({ memoryMiB: 1, curves: [] });
    for (const [own, baseline] of [
      [0, 1],
      [2, 3],
    ] as const) {
      expect(found[own].results[0].recall.mean).toBe(found[baseline].results[0].recall.mean);
      expect(found[own].results[0].mrr.interval).toEqual(found[baseline].results[0].mrr.interval);
    }
  });

  it('evaluates own scorers only on training and validation sessions, which they get', async () => {
    write('given.mjs', 'export default (data) => { throw new Error(Object.keys(data).join()); };');
    const { stderr } = await compare('--models', './given.mjs');
    expect(stderr).toContain('--models ./given.mjs failed while it was fitted: itemIds,support,train');
    expect(stderr).not.toContain('test');
  });

  it.each([
    [
      'empty.mjs',
      'export default () => undefined;',
      1,
      /expected a scorer with "open" and "itemCount" \d+, the items of the dataset, got none/,
    ],
    ['text.mjs', popular('throw "out of luck";'), 1, 'failed while it scored: out of luck'],
    [
      'nan.mjs',
      popular('scores[4] = NaN; return scores;'),
      1,
      /expected a number for each item, got NaN for item "/,
    ],
  ])('refuses %s in one line that names it, and writes nothing', async (name, source, code, message) => {
    write(name, source);
    const found = await compare('--models', 'pop', `./${name}`, '--output', 'refused');
    const [line = '', ...rest] = found.stderr.split('\n').filter((text) => !/^(POP: fit|See) /.test(text));
    expect(line).toMatch(message);
    expect(line).toContain(`--models ./${name} `);
    expect({ code: found.code, rest }).toEqual({ code, rest: [''] });
    expect(existsSync(join(folder(), 'refused'))).toBe(false);
  });
});

/** MRR under another name, and a metric whose values are given. */
const metric = (value: string, label = 'my MRR') =>
  `export default { label: '${label}', of: ([rank], cutoff) => ${value} };`;

describe('trainer compare and evaluate with metrics of a module', () => {
  const twin = metric('(rank <= cutoff ? 1 / rank : 0)');

  it('have the means, intervals and p-values of the same metric in every report', async () => {
    write('metric.mjs', twin);
    const options = ['--metrics', './metric.mjs', '--output', 'report'];
    const { code, stdout, stderr } = await compare('--models', 'pop', 'sr', './mine.mjs', ...options);
    expect(code, stderr).toBe(0);
    const [html, markdown] = ['html', 'md'].map((ending) =>
      readFileSync(join(folder(), 'report', `report.${ending}`), 'utf8'),
    );
    for (const text of [stdout, html, markdown]) expect(text).toContain('my MRR@20');
    const { models } = report();
    expect(models).toHaveLength(3);
    for (const { results } of models) expect(results[0].own['my MRR']).toEqual(results[0].mrr);
  });

  it('are beside the others in the table and the JSON of evaluate', async () => {
    await trainTiny(folder(), 'model');
    write(
      'several.mjs',
      `import mrr from './metric.mjs'; export default [mrr, { label: 'one', of: () => 1 }];`,
    );
    const evaluate = (...argv: string[]) =>
      runHere(folder(), 'evaluate', 'model', '--data', 'data', '--metrics', './several.mjs', ...argv);
    const { stdout, stderr } = await evaluate();
    expect(stdout, stderr).toMatch(/my MRR@20 │ +one@20/);
    for (const more of [[], ['--no-baselines', '--sample', '20']]) {
      const { model, baselines, results } = JSON.parse((await evaluate('--json', ...more)).stdout);
      expect(model).toBeUndefined();
      for (const [{ mrr, own }] of [results, ...baselines.map((b: typeof model) => b.results)])
        expect(own).toEqual({ 'my MRR': mrr, one: 1 });
    }
  });
});

type Row = Record<string, unknown>;

describe('trainer compare for other programs', () => {
  const files = ['--output', 'report', '--ranks', 'ranks/ranks.parquet'];
  const read = (name: string) => readFileSync(join(folder(), 'report', name), 'utf8');

  it('writes the figures as CSV and LaTeX, and the rank of every target as Parquet', async () => {
    const models = ['--models', 'pop', './mine.mjs', 'sr', '--cutoffs', '5', '20'];
    const { code, stderr } = await compare(...models, ...files, '--tie-rule', 'median');
    expect(code, stderr).toBe(0);
    const { models: found, origin } = report();
    const [head = '', ...rows] = read('report.csv')
      .trimEnd()
      .split('\n')
      .map((line) => line.split(','));
    expect(rows).toHaveLength(6);
    const at = (row: string[] | undefined, name: string) => Number(row?.[head.indexOf(name)]);
    const { recall, coverage } = found[2].results[1];
    expect(rows[5]?.slice(0, 3)).toEqual(['SR', '20', '1']);
    expect([at(rows[5], 'recall'), at(rows[5], 'recall_lower'), at(rows[5], 'coverage')]).toEqual([
      recall.mean,
      recall.interval[0],
      coverage,
    ]);
    expect(read('report.tex')).toMatch(
      /\\toprule\nmodel & recall@20 .*\n\\midrule\nSR & .*\\textbf\{0\.\d{4}\}.* \\\\\n/,
    );
    expect(read('report.tex').match(/end\{tabular\}/g)).toHaveLength(2);
    const db = await (await DuckDBInstance.create(':memory:')).connect();
    const table = `'${join(folder(), 'ranks', 'ranks.parquet')}'`;
    const ask = async (sql: string) => (await db.runAndReadAll(sql)).getRowObjects();
    const means = await ask(
      `SELECT model, count(*) AS n, avg(CASE WHEN rank <= 20 THEN 1 / rank ELSE 0 END) AS mrr FROM ${table} GROUP BY model ORDER BY model`,
    );
    expect(means.map(({ model }: Row) => model)).toEqual(['POP', 'SR', 'mine']);
    expect(means.map(({ n }: Row) => Number(n))).toEqual([1, 1, 1].map(() => origin.predictions));
    expect(Number(means[1]?.['mrr'])).toBeCloseTo(found[2].results[1].mrr.mean, 12);
    const clicks = readFileSync(join(folder(), 'clicks.tsv'), 'utf8');
    const [first] = await ask(`SELECT * FROM ${table} WHERE position = 1 LIMIT 1`);
    const ofSession = clicks
      .split('\n')
      .map((line) => line.split('\t'))
      .filter(([id]) => id === first?.['session']);
    expect(ofSession[1]?.[1]).toBe(first?.['target']);
    db.closeSync();
  });

  it('writes nothing if the comparison fails, and says so before it if it cannot write', async () => {
    write('late.mjs', popular('scores[4] = NaN; return scores;'));
    await compare('--models', 'pop', './late.mjs', '--ranks', 'late/a.parquet');
    expect(existsSync(join(folder(), 'late'))).toBe(false);
    const blocked = await compare('--models', 'pop', '--ranks', 'clicks.tsv/a.parquet');
    expect(blocked).toMatchObject({
      code: 1,
      stderr: expect.stringMatching(/^--ranks clicks.tsv\/a.parquet cannot be written/),
    });
  });
});

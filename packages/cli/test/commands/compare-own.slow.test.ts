import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { ok, runHere } from '../run-trainer.ts';
import { trainTiny, useTinyShop } from '../tiny-shop.ts';

const ofPreprocess = createRequire(new URL('../../../preprocess/package.json', import.meta.url));
const { DuckDBInstance } = ofPreprocess('@duckdb/node-api');

const folder = useTinyShop();
const compare = (line: string) => runHere(folder(), `compare data --models ${line}`);
const read = (name: string) => readFileSync(join(folder(), 'report', name), 'utf8');
const reportOf = async (line: string) => {
  const { stdout } = await ok(folder(), `compare data --output report --models ${line}`);
  return { stdout, ...JSON.parse(read('report.json')) };
};
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
const withNaN = popular('scores[4] = NaN; return scores;');

beforeAll(() => write('mine.mjs', popular('return scores;')));

describe('trainer compare with a module', () => {
  it('gives a scorer of a module the figures of the same baseline', async () => {
    const { models } = await reportOf('./mine.mjs pop');
    expect(models).toMatchObject([{ name: 'mine' }, { name: 'POP' }]);
    expect(models[0]).toMatchObject({ memoryMiB: 1, curves: [] });
    const [measured, expected] = [models[0].results[0], models[1].results[0]];
    expect(measured.recall.mean).toBe(expected.recall.mean);
    expect(measured.mrr.interval).toEqual(expected.mrr.interval);
  });

  it('evaluates own scorers only on training and validation sessions, which they get', async () => {
    write('given.mjs', 'export default (data) => { throw new Error(Object.keys(data).join()); };');
    expect((await compare('./given.mjs')).stderr).toContain(
      '--models ./given.mjs failed while it was fitted: itemIds,support,train\n',
    );
  });

  it.each([
    [
      'empty.mjs',
      'export default () => undefined;',
      /expected a scorer with "open" and "itemCount" \d+, the items of the dataset, got none/,
    ],
    ['text.mjs', popular('throw "out of luck";'), 'failed while it scored: out of luck'],
    ['nan.mjs', withNaN, /expected a number for each item, got NaN for item "/],
  ])('refuses %s in one line that names it, and writes nothing', async (name, source, message) => {
    write(name, source);
    const { code, stderr } = await compare(`pop ./${name} --output refused --ranks refused/a.parquet`);
    const [line = '', ...rest] = stderr.split('\n').filter((text) => !/^(POP: fit|See) /.test(text));
    expect(line).toMatch(message);
    expect(line).toContain(`--models ./${name} `);
    expect({ code, rest }).toEqual({ code: 1, rest: [''] });
    expect(existsSync(join(folder(), 'refused'))).toBe(false);
  });
});

describe('trainer compare and evaluate with metrics of a module', () => {
  beforeAll(() => {
    const twin = "{ label: 'my MRR', of: ([rank], cutoff) => (rank <= cutoff ? 1 / rank : 0) }";
    write('metrics.mjs', `export default [${twin}, { label: 'one', of: () => 1 }];`);
  });

  it('have the means, intervals and p-values of the same metric in every report', async () => {
    const { stdout, models } = await reportOf('pop sr ./mine.mjs --metrics ./metrics.mjs');
    for (const text of [stdout, read('report.html'), read('report.md')]) expect(text).toContain('my MRR@20');
    expect(models).toHaveLength(3);
    for (const { results } of models) expect(results[0].own['my MRR']).toEqual(results[0].mrr);
  });

  it('are beside the others in the table and the JSON of evaluate', async () => {
    await trainTiny(folder(), 'model');
    const evaluate = 'evaluate model --data data --metrics ./metrics.mjs';
    expect((await ok(folder(), evaluate)).stdout).toMatch(/my MRR@20 │ +one@20/);
    for (const more of ['', ' --no-baselines --sample 20']) {
      const { stdout } = await ok(folder(), `${evaluate} --json${more}`);
      const { baselines, results } = JSON.parse(stdout);
      for (const [{ mrr, own }] of [results, ...baselines.map((b: { results: unknown }) => b.results)])
        expect(own).toEqual({ 'my MRR': mrr, one: 1 });
    }
  });
});

describe('trainer compare for other programs', () => {
  it('writes the figures as CSV and LaTeX, and the rank of every target as Parquet', async () => {
    const { models, origin } = await reportOf(
      'pop ./mine.mjs sr --cutoffs 5 20 --ranks ranks/ranks.parquet --tie-rule median',
    );
    const [head = [], ...rows] = read('report.csv')
      .trimEnd()
      .split('\n')
      .map((line) => line.split(','));
    expect(rows).toHaveLength(6);
    const at = (name: string) => Number(rows[5]?.[head.indexOf(name)]);
    const { recall, coverage, mrr } = models[2].results[1];
    expect(rows[5]?.slice(0, 3)).toEqual(['SR', '20', '1']);
    const figures = [recall.mean, recall.interval[0], coverage];
    expect([at('recall'), at('recall_lower'), at('coverage')]).toEqual(figures);
    expect(read('report.tex')).toMatch(
      /\\toprule\nmodel & recall@20 .*\n\\midrule\nSR & .*\\textbf\{0\.\d{4}\}.* \\\\\n/,
    );
    expect(read('report.tex').match(/end\{tabular\}/g)).toHaveLength(2);
    const db = await (await DuckDBInstance.create(':memory:')).connect();
    const table = `'${join(folder(), 'ranks', 'ranks.parquet')}'`;
    const ask = async (sql: string) => (await db.runAndReadAll(sql)).getRowObjectsJson();
    const means = await ask(
      `SELECT model, count(*)::INTEGER AS n, avg(CASE WHEN rank <= 20 THEN 1 / rank ELSE 0 END) AS mrr FROM ${table} GROUP BY model ORDER BY model`,
    );
    const n = origin.predictions;
    const ofSr = { model: 'SR', n, mrr: expect.closeTo(mrr.mean, 12) };
    expect(means).toMatchObject([{ model: 'POP', n }, ofSr, { model: 'mine', n }]);
    const clicks = readFileSync(join(folder(), 'clicks.tsv'), 'utf8');
    const [first] = await ask(`SELECT * FROM ${table} WHERE position = 1 LIMIT 1`);
    const ofSession = clicks.split('\n').filter((line) => line.startsWith(`${first.session}\t`));
    expect(ofSession[1]?.split('\t')[1]).toBe(first.target);
    db.closeSync();
  });

  it('says before it compares that the ranks cannot be written', async () => {
    expect((await compare('pop --ranks clicks.tsv/a.parquet')).stderr).toMatch(
      /^--ranks clicks.tsv\/a.parquet cannot be written/,
    );
  });
});

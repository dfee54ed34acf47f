import { readdirSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { createWasmEngine } from '@gru4rec/engine-wasm';
import { readModel } from '@gru4rec/model';
import { loadRecommender } from '@gru4rec/recommender';
import { beforeAll, describe, expect, it } from 'vitest';
import { makeFolder, type Outcome, runHere } from '../run-trainer.ts';
import { type ListBody, ServerProcess } from '../serving/server-process.ts';
import { useTinyModel } from '../tiny-shop.ts';

const folder = useTinyModel();
const run = (...argv: string[]): Promise<Outcome> => runHere(folder(), ...argv);
const MIX = 'mix:0.4:model+v-sknn:neighbours=50';

/** Compares with `--keep`. */
const keep = (what: string, output: string, ...more: string[]): Promise<Outcome> =>
  run('compare', 'data', '--models', 'pop', 'model', MIX, ...given(`${what}=${output}`), ...more);
const given = (kept: string) => ['--output', 'report', '--keep', kept];

let compared: Outcome;
beforeAll(async () => {
  compared = await keep(MIX, 'shop');
}, 120_000);

const models = () => JSON.parse(readFileSync(join(folder(), 'report', 'report.json'), 'utf8')).models;
const recallOf = (name: string) =>
  models().find((model: { name: string }) => model.name === name).results[0].recall.mean;

describe('trainer compare --keep', () => {
  const name = 'GRU4Rec model + V-SKNN (neighbours=50) (0.4)';

  it('writes the folder of a mix, and says how to serve it', async () => {
    expect(compared.code, compared.stderr).toBe(0);
    expect(compared.stderr).toContain(`${name} is in shop. Serve it: `);
    expect(compared.stderr).toMatch(/serve shop\n$/m);
    const explained = await run('inspect', 'shop', '--json');
    expect(JSON.parse(explained.stdout)).toMatchObject({
      name,
      parts: [
        { weight: 0.4, part: 'GRU4Rec' },
        { weight: 0.6, part: 'V-SKNN', options: { neighbours: 50 } },
      ],
    });
    expect((await run('inspect', 'shop')).stdout).toContain(`shop: ${name}, `);
  });

  it('gives evaluate the figures of the comparison', async () => {
    const evaluated = await run('evaluate', 'shop', '--data', 'data', '--no-baselines', '--json');
    expect(evaluated.code, evaluated.stderr).toBe(0);
    expect(JSON.parse(evaluated.stdout).results[0].recall).toBe(recallOf(name));
  });

  it('serves the answers of recommend and of the library', async () => {
    const recommended = await run('recommend', 'shop', '--session', '1,2', '--top', '5', '--json');
    expect(recommended.code, recommended.stderr).toBe(0);
    const recommender = await loadRecommender(join(folder(), 'shop'), { engine: createWasmEngine() });
    const clicked = [...recommender.itemIds].slice(3, 5);
    const session = recommender.startSession();
    for (const item of clicked) session.click(item);
    const expected = session.recommend(5, { excludeSeen: true });
    const asked = await run(
      ...['recommend', 'shop', '--session', clicked.join(','), '--top', '5', '--exclude-seen', '--json'],
    );
    expect(JSON.parse(asked.stdout).items.map(({ id }: { id: string }) => id)).toEqual(
      expected.map(({ id }) => id),
    );
    const server = await ServerProcess.start(folder(), 'shop');
    const query = { items: clicked, n: 5, excludeSeen: true };
    const { body } = await server.ask<ListBody>('/v1/recommend', query);
    const { items } = body;
    expect(items.map(({ id }) => id)).toEqual(expected.map(({ id }) => id));
    for (const [at, { score }] of items.entries()) expect(score).toBeCloseTo(expected[at]?.score ?? 0, 5);
  });

  it('keeps the best, a baseline or a single model', async () => {
    const best = await keep('best', 'best');
    const figures = models().map((model: { name: string; results: { mrr: { mean: number } }[] }) => [
      model.results[0]?.mrr.mean,
      model.name,
    ]);
    const [[, winner]] = figures.sort(([a]: [number], [b]: [number]) => b - a);
    expect(best.stderr).toContain(`${winner} is in best. Serve it: `);
    expect((await keep('POP', 'pop')).code).toBe(0);
    expect(readdirSync(join(folder(), 'pop')).sort()).toEqual([
      'arrays.safetensors',
      'items.arrow',
      'recommender.json',
    ]);
    expect((await run('recommend', 'pop', '--session', 'none', '--top', '3', '--json')).code).toBe(0);
    expect((await keep('model', 'again')).code).toBe(0);
    expect(readdirSync(join(folder(), 'again'))).toContain('model.json');
    expect((await run('inspect', 'again')).stdout).toContain('again: GRU4Rec');
    const [{ dataset }, again] = [
      await readModel(join(folder(), 'model')),
      await readModel(join(folder(), 'again')),
    ];
    expect(dataset?.lastMs).toBeDefined();
    expect(again.dataset).toEqual(dataset);
  });

  it('replaces a folder with --overwrite only, and writes none if a gate fails', async () => {
    const refused = await keep('pop', 'shop');
    expect(refused).toMatchObject({
      code: 1,
      stderr: expect.stringContaining(
        'shop holds a recommender already. Name another folder, or add --overwrite',
      ),
    });
    const failed = await keep('pop', 'gated', '--gate', 'pop > model recall@20 + 0.5');
    expect(failed.code).toBe(1);
    expect(readdirSync(folder())).not.toContain('gated');
    rmSync(join(folder(), 'pop'), { recursive: true, force: true });
    expect((await keep('pop', 'pop')).code).toBe(0);
    expect((await keep('model', 'pop', '--overwrite')).code).toBe(0);
    expect(readdirSync(join(folder(), 'pop'))).toContain('model.json');
  });

  it.each([
    [
      ['train', 'data', '--output', 'x', '--continue', 'shop'],
      '--continue expected a model, got a baseline or a mix, at ',
    ],
    [
      ['export', 'shop', '--format', 'onnx', '--output', 'x'],
      '--format onnx holds a GRU4Rec only, got a baseline or a mix. Name its GRU4Rec, ',
    ],
  ])('is refused in one line where only a GRU4Rec will do: %j', async (words, message) => {
    const { code, stdout, stderr } = await run(...words);
    expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
    expect(stderr).toContain(message);
    expect(readdirSync(folder())).not.toContain('x');
  });

  it('makes a playground of the GRU4Rec of a mix, and none of a baseline', async () => {
    const site = makeFolder();
    const outcome = await run('playground', 'shop', '--output', join(site, 'site'));
    // Without a built page, which other tests need too, the command stops there.
    if (outcome.code === 0) expect(readdirSync(join(site, 'site'))).toContain('model');
    expect(outcome.stderr).toContain('A page holds a GRU4Rec only: it plays that of the mix, ');
    expect((await keep('pop', 'popular')).code).toBe(0);
    expect(await run('playground', 'popular')).toMatchObject({
      code: 2,
      stderr: expect.stringContaining('got a baseline or a mix, at '),
    });
  });
});

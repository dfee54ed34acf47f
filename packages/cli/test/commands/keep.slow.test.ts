import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { createWasmEngine } from '@gru4rec/engine-wasm';
import { readModel } from '@gru4rec/model';
import { loadRecommender } from '@gru4rec/recommender';
import { beforeAll, describe, expect, it } from 'vitest';
import { failing, type Outcome, ok, runHere } from '../run-trainer.ts';
import { type ListBody, ServerProcess } from '../serving/server-process.ts';
import { useTinyModel } from '../tiny-shop.ts';

const folder = useTinyModel();
const run = (line: string) => ok(folder(), line);
const KNN = 'v-sknn:neighbours=50';

const keeping = (kept: string) => `compare data --models pop model ${KNN} --output report --keep ${kept}`;
const keep = (kept: string) => run(keeping(kept));

let compared: Outcome;
beforeAll(async () => {
  compared = await keep(`${KNN}=shop`);
}, 120_000);

interface Measured {
  readonly name: string;
  readonly results: readonly { readonly recall: { mean: number }; readonly mrr: { mean: number } }[];
}
const models = (): Measured[] =>
  JSON.parse(readFileSync(join(folder(), 'report', 'report.json'), 'utf8')).models;

describe('trainer compare --keep', () => {
  const name = 'V-SKNN (neighbours=50)';

  it('writes the folder of a baseline, and says how to serve it', async () => {
    expect(compared.stderr).toContain(`${name} is in shop. Serve it: `);
    expect(compared.stderr).toMatch(/serve shop\n$/m);
    const explained = await run('inspect shop --json');
    expect(JSON.parse(explained.stdout)).toMatchObject({
      name,
      baseline: 'V-SKNN',
      options: { neighbours: 50 },
    });
    const { stdout } = await run('inspect shop');
    expect(stdout).toContain(`shop: ${name}, `);
    expect(stdout).toContain(', neighbours 50\n');
  });

  it('gives evaluate the figures of the comparison', async () => {
    const evaluated = await run('evaluate shop --data data --no-baselines --json');
    const { recall } = models().find((model) => model.name === name)?.results[0] ?? {};
    expect(JSON.parse(evaluated.stdout).results[0].recall).toBe(recall?.mean);
  });

  it('serves the answers of recommend and of the library', async () => {
    const recommender = await loadRecommender(join(folder(), 'shop'), { engine: createWasmEngine() });
    const clicked = [...recommender.itemIds].slice(3, 5);
    const session = recommender.startSession();
    for (const item of clicked) session.click(item);
    const expected = session.recommend(5, { excludeSeen: true });
    const asked = await run(`recommend shop --session ${clicked} --top 5 --exclude-seen --json`);
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
    const best = await keep('best');
    const mrrOf = ({ results }: Measured) => results[0]?.mrr.mean ?? 0;
    const [winner] = models().sort((a, b) => mrrOf(b) - mrrOf(a));
    expect(best.stderr).toContain(`${winner?.name} is in best. Serve it: `);
    await keep('POP=pop');
    expect(readdirSync(join(folder(), 'pop')).sort()).toEqual([
      'arrays.safetensors',
      'items.arrow',
      'recommender.json',
    ]);
    await run('recommend pop --session none');
    await keep('model=again');
    const { dataset } = await readModel(join(folder(), 'model'));
    expect(dataset?.lastMs).toBeDefined();
    expect((await readModel(join(folder(), 'again'))).dataset).toEqual(dataset);
  });

  it('replaces a folder with --overwrite only, and writes none if a gate fails', async () => {
    await expect(keep('pop=shop')).rejects.toThrow(
      'shop holds a recommender already. Name another folder, or add --overwrite',
    );
    const gate = ['--gate', 'pop > model recall@20 + 0.5'];
    expect((await runHere(folder(), keeping('pop=gated'), ...gate)).code).toBe(1);
    expect(readdirSync(folder())).not.toContain('gated');
    await keep('pop=replaced');
    await keep('model=replaced --overwrite');
    expect(readdirSync(join(folder(), 'replaced'))).toContain('model.json');
  });

  it.each([
    ['train data --output x --continue shop', '--continue expected a model, got a baseline, at '],
    ['export shop --format onnx --output x', 'MODEL expected a model, got a baseline, at '],
    ['playground shop', 'MODEL expected a model, got a baseline, at '],
  ])('is refused in one line where only a GRU4Rec will do: %s', async (line, message) => {
    expect(await failing(folder(), line, 2)).toContain(message);
    expect(readdirSync(folder())).not.toContain('x');
  });
});

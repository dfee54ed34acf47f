import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { readModel } from '@gru4rec/model';
import { beforeAll, describe, expect, it } from 'vitest';
import { runHere } from '../run-trainer.ts';
import { useTinyModel } from '../tiny-shop.ts';

const folder = useTinyModel();
const read = (name: string) => readFileSync(join(folder(), name));
const exportTo = (format: string, output: string, ...more: string[]) =>
  runHere(folder(), 'export', 'model', '--format', format, '--output', output, ...more);
interface Evaluated {
  readonly predictions: number;
  readonly results: readonly { readonly recall: number; readonly mrr: number }[];
}
const evaluate = async (model: string): Promise<Evaluated> =>
  JSON.parse((await runHere(folder(), 'evaluate', model, '--data', 'data', '--json')).stdout);

describe('trainer export', () => {
  it('writes ONNX, with the item ids in the same folder', async () => {
    const itemIds = (await readModel(join(folder(), 'model'))).itemIds.slice();
    expect(await exportTo('onnx', 'shop', '--top', '3')).toEqual({
      code: 0,
      stdout: '',
      stderr: `${itemIds.length} items. The ONNX model is in shop, its item ids are in shop/items.json\n`,
    });
    expect(JSON.parse(read('shop/items.json').toString())).toEqual(itemIds);
    expect(read('shop/model.onnx').includes('top_items')).toBe(true);
  });

  it('writes a folder for the web, which other commands read like the model', async () => {
    const { itemIds } = await readModel(join(folder(), 'model'));
    expect(await exportTo('web', 'web')).toEqual({
      code: 0,
      stdout: '',
      stderr: `${itemIds.length} items. The model for browsers is in web; put the folder on any web server\n`,
    });
    const files = readdirSync(join(folder(), 'web')).sort();
    expect(files).toEqual(['items.json', 'parameters-0.bin', 'web-model.json']);
    const [own, web] = [await evaluate('model'), await evaluate('web')];
    expect(own.predictions).toBeGreaterThan(100);
    expect(web.results).toEqual(own.results);
  });

  it('writes int8 for the web on request, and replaces it only with --overwrite', async () => {
    expect((await exportTo('web', 'web8', '--weights', 'int8')).code).toBe(0);
    expect(JSON.parse(read('web8/web-model.json').toString()).tensors).toContainEqual({
      name: 'Wy',
      weights: 'int8',
    });
    const [[own], [rounded]] = [(await evaluate('model')).results, (await evaluate('web8')).results];
    for (const metric of ['recall', 'mrr'] as const) {
      expect(Math.abs(Number(rounded?.[metric]) - Number(own?.[metric]))).toBeLessThan(0.01);
    }
    expect(await exportTo('web', 'web8')).toMatchObject({
      code: 1,
      stderr: expect.stringContaining('web8 holds a model for the web already.'),
    });
  });
});

describe('trainer import --safetensors', () => {
  const importTo = (output: string, ...more: string[]) =>
    runHere(folder(), 'import', '--safetensors', 'moved.safetensors', '--output', output, ...more);

  beforeAll(async () => {
    await exportTo('safetensors', 'moved.safetensors', '--overwrite');
  });

  it('restores the same parameters, scores and figures', async () => {
    expect(await importTo('imported')).toMatchObject({ code: 0, stdout: '' });
    const [model, imported] = await Promise.all(
      ['model', 'imported'].map((m) => readModel(join(folder(), m))),
    );
    const parameters = (m: typeof model) => m!.tensors.filter(({ kind }) => kind !== 'slot');
    expect(parameters(imported)).toEqual(parameters(model));
    const [itemId = ''] = model!.itemIds;
    const results = ['model', 'imported'].map(async (m) => {
      const recommended = await runHere(folder(), 'recommend', m, '--session', itemId, '--json');
      const evaluated = await runHere(folder(), 'evaluate', m, '--data', 'data', '--json');
      return [recommended.stdout, JSON.parse(evaluated.stdout).results];
    });
    const [own, theirs] = await Promise.all(results);
    expect(theirs).toEqual(own);
  });

  it('imports a model that training can continue', async () => {
    await importTo('to-continue');
    const argv = ['data', '--continue', 'to-continue', '--output', 'continued', '--set', 'nEpochs=1'];
    expect(await runHere(folder(), 'train', ...argv)).toMatchObject({
      code: 0,
      stderr: expect.stringContaining('epoch'),
    });
  });
});

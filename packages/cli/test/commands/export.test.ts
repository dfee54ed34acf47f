import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { readModel } from '@gru4rec/model';
import { describe, expect, it } from 'vitest';
import { ok } from '../run-trainer.ts';
import { useTinyModel } from '../tiny-shop.ts';

const folder = useTinyModel();
const read = (name: string) => readFileSync(join(folder(), name));
const exportTo = (line: string) => ok(folder(), `export model --format ${line}`);
const evaluate = async (model: string) =>
  JSON.parse((await ok(folder(), `evaluate ${model} --data data --no-baselines --json`)).stdout);

describe('trainer export', () => {
  it('writes ONNX, with the item ids in the same folder', async () => {
    const { itemIds } = await readModel(join(folder(), 'model'));
    expect((await exportTo('onnx --output shop --top 3')).stderr).toBe(
      `${itemIds.length} items. The ONNX model is in shop, its item ids are in shop/items.json\n`,
    );
    expect(JSON.parse(read('shop/items.json').toString())).toEqual(itemIds.slice());
    expect(read('shop/model.onnx').includes('top_items')).toBe(true);
  });

  it('writes a folder for the web, which other commands read like the model', async () => {
    expect((await exportTo('web --output web')).stderr).toMatch(
      /^\d+ items\. The model for browsers is in web; put the folder on any web server\n$/,
    );
    const files = readdirSync(join(folder(), 'web')).sort();
    expect(files).toEqual(['items.json', 'parameters-0.bin', 'web-model.json']);
    expect((await evaluate('web')).results).toEqual((await evaluate('model')).results);
  });

  it('writes int8 for the web on request, and replaces it only with --overwrite', async () => {
    await exportTo('web --output web8 --weights int8');
    const { tensors } = JSON.parse(read('web8/web-model.json').toString());
    expect(tensors).toContainEqual({ name: 'Wy', weights: 'int8' });
    await expect(exportTo('web --output web8')).rejects.toThrow('web8 holds a model for the web already.');
  });
});

describe('trainer import --safetensors', () => {
  it('restores the same parameters, scores and figures, which training can continue', async () => {
    await exportTo('safetensors --output moved.safetensors');
    await ok(folder(), 'import --safetensors moved.safetensors --output imported');
    const [model, imported] = await Promise.all(
      ['model', 'imported'].map((m) => readModel(join(folder(), m))),
    );
    const parameters = (m: typeof model) => m!.tensors.filter(({ kind }) => kind !== 'slot');
    expect(parameters(imported)).toEqual(parameters(model));
    expect((await evaluate('imported')).results).toEqual((await evaluate('model')).results);
    await ok(folder(), 'train data --continue imported --output continued --set nEpochs=1');
  });
});

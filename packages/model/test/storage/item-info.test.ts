import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createWasmEngine } from '@gru4rec/engine-wasm';
import { afterAll, describe, expect, it } from 'vitest';
import { loadModel } from '../../src/gru4rec.ts';
import { readModelItemInfo } from '../../src/storage.node.ts';
import { train } from '../../src/training/train.ts';
import { tinyConfig, tinyData } from '../tiny-data.ts';

const engine = createWasmEngine();
const root = await mkdtemp(join(tmpdir(), 'gru4rec-model-'));
afterAll(() => rm(root, { recursive: true, force: true }));
const model = await train(tinyData(), tinyConfig(), { engine });

describe('item info of a model folder', () => {
  it('is saved under a checksum, and read only on request', async () => {
    const [without, saved] = [join(root, 'without'), join(root, 'with')];
    await model.save(without);
    expect(await readModelItemInfo(without)).toBeUndefined();
    const itemInfo = Buffer.from('{"id":"a","title":"Shoe"}\n');
    await model.save(saved, { itemInfo, dataset: { checksum: 'c', directory: 'd' } });
    expect(await readModelItemInfo(saved)).toEqual(new Uint8Array(itemInfo));
    expect((await loadModel(saved, { engine })).tensors).toEqual(model.tensors);
    expect(JSON.parse(await readFile(join(saved, 'model.json'), 'utf8'))).not.toHaveProperty('itemInfo');
  });

  it('is refused if it was changed', async () => {
    const saved = join(root, 'changed');
    await model.save(saved, { itemInfo: Buffer.from('{"id":"a"}\n') });
    await writeFile(join(saved, 'item-info.jsonl'), '{"id":"b"}\n');
    await expect(readModelItemInfo(saved)).rejects.toThrow(
      /item-info\.jsonl differs from the checksum in model\.json/,
    );
  });
});

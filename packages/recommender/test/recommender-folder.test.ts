import { cpSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Gru4Rec, loadModel, ModelError } from '@gru4rec/model';
import { sealManifest } from '@gru4rec/model/storage';
import { testFolder } from '@gru4rec/test-support/folder';
import { beforeAll, describe, expect, it } from 'vitest';
import {
  loadRecommender,
  MixedRecommender,
  type Recommender,
  readRecommenderItemInfo,
  saveRecommender,
} from '../src/index.ts';
import { baseline, data, engine, partsOf, trainTiny } from './recommenders.ts';

const root = testFolder();
const mixFolder = join(root, 'mix');
let model: Gru4Rec;
beforeAll(async () => {
  model = await trainTiny();
  await saveRecommender(mixParts(), mixFolder, { itemInfo: Buffer.from('{"id":"1"}\n') });
});

const mixParts = () => ({
  ...partsOf('GRU4Rec tiny + V-SKNN (0.4)', [
    { recommender: model, weight: 0.4 },
    baseline('v-sknn', 0.6, { neighbours: 50, sampleSize: 400 }),
  ]),
  dataset: { checksum: 'c'.repeat(64), directory: 'data' },
  tunedOn: ['d'.repeat(64)],
});

const ids = [...data.itemIds];
/** The best items of a session of three clicks. */
function answer(recommender: Pick<Recommender, 'startSession'>) {
  const session = recommender.startSession();
  for (const item of [3, 4, 8]) session.click(ids[item] ?? '');
  return session.recommend(20, { deny: [ids[5] ?? ''] });
}

describe('a folder of a mix', () => {
  it('gives the recommender that was saved', async () => {
    expect(readdirSync(mixFolder).sort()).toEqual([
      ...['arrays.safetensors', 'item-info.jsonl', 'items.arrow', 'part-1', 'recommender.json'],
    ]);
    const loaded = (await loadRecommender(mixFolder, { engine })) as MixedRecommender;
    const { name, dataset, tunedOn } = mixParts();
    expect(loaded).toMatchObject({ name, dataset, tunedOn });
    expect([...loaded.itemIds]).toEqual(ids);
    expect(answer(loaded)).toEqual(answer(new MixedRecommender(mixParts())));
    expect(loaded.popularItems()?.recommend(1)).toEqual(
      new MixedRecommender(mixParts()).popularItems()?.recommend(1),
    );
    const info = await readRecommenderItemInfo(mixFolder);
    expect(Buffer.from(info ?? []).toString()).toBe('{"id":"1"}\n');
    loaded.dispose();
    // Its GRU4Rec is a model folder.
    const part = join(mixFolder, 'part-1');
    expect(answer(await loadModel(part, { engine }))).toEqual(answer(model));
    expect(await readRecommenderItemInfo(part)).toBeUndefined();
  });

  it('replaces a recommender or a model, and nothing else', async () => {
    const folder = join(root, 'replaced');
    await model.save(folder);
    await saveRecommender(mixParts(), folder);
    expect(await loadRecommender(folder, { engine })).toBeInstanceOf(MixedRecommender);
    await saveRecommender(partsOf('GRU4Rec', [{ recommender: model, weight: 1 }]), folder);
    const loaded = await loadRecommender(folder, { engine });
    expect(loaded).toBeInstanceOf(Gru4Rec);
    expect(answer(loaded)).toEqual(answer(model));
    expect(readdirSync(folder)).not.toContain('recommender.json');
    writeFileSync(join(root, 'note.txt'), 'mine');
    await expect(saveRecommender(mixParts(), root)).rejects.toThrow(
      `${root} holds other files and no model.json or recommender.json. Name a new folder`,
    );
    expect(readdirSync(root).filter((name) => name.startsWith('.'))).toEqual([]);
  });

  it('keeps options of baselines that JSON does not have', async () => {
    const folder = join(root, 'infinite');
    const parts = [baseline('stan', 1, { lambda2: Number.POSITIVE_INFINITY })];
    await saveRecommender(partsOf('STAN', parts), folder);
    const loaded = (await loadRecommender(folder, { engine })) as MixedRecommender;
    expect(loaded.parts[0]?.recommender).toMatchObject({ from: { options: { lambda2: Infinity } } });
    expect(answer(loaded)).toEqual(answer(new MixedRecommender(partsOf('STAN', parts))));
  });

  it('refuses parts with different items, before anything is written', async () => {
    const others = { ...data, itemIds: ids.map((id) => `x${id}`) };
    const foreign = await trainTiny({}, others);
    const parts = [{ recommender: foreign, weight: 0.5 }, baseline('pop')];
    const folder = join(root, 'different');
    await expect(saveRecommender(partsOf('GRU4Rec + POP', parts), folder)).rejects.toThrow(
      'cannot hold GRU4Rec + POP, whose parts have different items. Train its GRU4Rec on the dataset',
    );
    expect(readdirSync(root)).not.toContain('different');
  });
});

describe('loadRecommender', () => {
  let copies = 0;
  /** A copy of the folder that a test may damage. */
  function copy(): string {
    const folder = join(root, `copy-${copies++}`);
    cpSync(mixFolder, folder, { recursive: true });
    return folder;
  }
  /** Changes a manifest and seals it again, as another program could. */
  // biome-ignore lint/suspicious/noExplicitAny: a manifest that tests damage
  function edit(folder: string, change: (manifest: any) => void): void {
    const file = join(folder, 'recommender.json');
    const { checksum: _, ...manifest } = JSON.parse(readFileSync(file, 'utf8'));
    change(manifest);
    writeFileSync(file, sealManifest(manifest));
  }
  const flip = (file: string) => {
    const bytes = readFileSync(file);
    const at = bytes.length >> 1;
    bytes[at] = (bytes[at] ?? 0) ^ 1;
    writeFileSync(file, bytes);
  };

  it.each([
    ['arrays.safetensors', 'arrays.safetensors differs from its checksum: it was altered'],
    ['items.arrow', 'items.arrow differs from the checksum in recommender.json'],
    ['recommender.json', 'recommender.json '],
    ['part-1/model.safetensors', 'model.safetensors differs from its checksum'],
    ['part-1', 'part-1'],
  ])('refuses a damaged %s, or a part that is missing', async (name, message) => {
    const folder = copy();
    if (name === 'part-1') rmSync(join(folder, name), { recursive: true });
    else flip(join(folder, name));
    const error = await loadRecommender(folder, { engine }).catch((cause) => cause);
    expect(error).toBeInstanceOf(ModelError);
    expect(error.message).toContain(message);
    expect(error.message).not.toContain('\n');
  });

  it('refuses a baseline of another version, and a manifest of another', async () => {
    const folder = copy();
    edit(folder, ({ parts }) => {
      parts[1].version = 2;
    });
    await expect(loadRecommender(folder, { engine })).rejects.toThrow(
      'recommender.json holds "v-sknn" of version 2; this program reads 1. Keep it again, or use the release that wrote it',
    );
    edit(folder, (manifest) => {
      manifest.version = 1;
    });
    await expect(loadRecommender(folder, { engine })).rejects.toThrow(
      'recommender.json has format version 1; this program reads 2. Keep it again, or use the release that wrote it',
    );
  });

  it('names the manifest of parts that cannot be mixed', async () => {
    const folder = copy();
    edit(folder, ({ parts }) => {
      for (const part of parts) part.weight = 0;
    });
    await expect(loadRecommender(folder, { engine })).rejects.toMatchObject({
      file: join(folder, 'recommender.json'),
      message: expect.stringContaining('recommender.json holds parts that cannot be mixed'),
      cause: { message: expect.stringContaining('expected a number > 0 among them, got only 0') },
    });
  });

  it('refuses the GRU4Rec of another mix', async () => {
    const folder = copy();
    await (await trainTiny({ seed: 5 })).save(join(folder, 'part-1'));
    await expect(loadRecommender(folder, { engine })).rejects.toThrow(
      'part-1 is not the model that recommender.json names. Copy or keep it again',
    );
  });

  it('says what is missing', async () => {
    await expect(loadRecommender(join(root, 'none'), { engine })).rejects.toThrow(
      'model.json cannot be read',
    );
  });
});

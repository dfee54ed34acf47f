import { cpSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Gru4Rec, ModelError } from '@gru4rec/model';
import { sealManifest } from '@gru4rec/model/storage';
import { testFolder } from '@gru4rec/test-support/folder';
import { beforeAll, describe, expect, it } from 'vitest';
import {
  BaselineRecommender,
  loadRecommender,
  type Recommender,
  readRecommenderItemInfo,
  saveRecommender,
} from '../src/index.ts';
import { contentOf, data, engine, trainTiny } from './recommenders.ts';

const root = testFolder();
const kept = join(root, 'kept');
let model: Gru4Rec;
beforeAll(async () => {
  model = await trainTiny();
  await saveRecommender(content(), kept, { itemInfo: Buffer.from('{"id":"1"}\n') });
});

const content = () => ({
  ...contentOf('v-sknn', { neighbours: 50, sampleSize: 400 }),
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

describe('the folder of a baseline', () => {
  it('gives the recommender that was saved', async () => {
    expect(readdirSync(kept).sort()).toEqual([
      ...['arrays.safetensors', 'item-info.jsonl', 'items.arrow', 'recommender.json'],
    ]);
    const loaded = (await loadRecommender(kept, { engine })) as BaselineRecommender;
    const { name, dataset, tunedOn } = content();
    expect(loaded).toMatchObject({ name, dataset, tunedOn });
    expect([...loaded.itemIds]).toEqual(ids);
    const saved = new BaselineRecommender(content());
    expect(answer(loaded)).toEqual(answer(saved));
    expect(loaded.popularItems()?.recommend(1)).toEqual(saved.popularItems()?.recommend(1));
    const info = await readRecommenderItemInfo(kept);
    expect(Buffer.from(info ?? []).toString()).toBe('{"id":"1"}\n');
  });

  it('replaces a recommender or a model, and nothing else', async () => {
    const folder = join(root, 'replaced');
    await model.save(folder);
    await saveRecommender(content(), folder);
    expect(await loadRecommender(folder, { engine })).toBeInstanceOf(BaselineRecommender);
    expect(await readRecommenderItemInfo(folder)).toBeUndefined();
    await saveRecommender({ ...content(), recommender: model }, folder);
    const loaded = await loadRecommender(folder, { engine });
    expect(loaded).toBeInstanceOf(Gru4Rec);
    expect(answer(loaded)).toEqual(answer(model));
    expect(readdirSync(folder)).not.toContain('recommender.json');
    writeFileSync(join(root, 'note.txt'), 'mine');
    await expect(saveRecommender(content(), root)).rejects.toThrow(
      `${root} holds other files and no model.json or recommender.json. Name a new folder`,
    );
    expect(readdirSync(root).filter((name) => name.startsWith('.'))).toEqual([]);
  });

  it('keeps options of baselines that JSON does not have', async () => {
    const folder = join(root, 'infinite');
    const infinite = contentOf('stan', { lambda2: Number.POSITIVE_INFINITY });
    await saveRecommender(infinite, folder);
    const loaded = (await loadRecommender(folder, { engine })) as BaselineRecommender;
    expect(loaded.baseline.from.options).toEqual({ lambda2: Number.POSITIVE_INFINITY });
    expect(answer(loaded)).toEqual(answer(new BaselineRecommender(infinite)));
  });
});

describe('loadRecommender', () => {
  let copies = 0;
  /** A copy of the folder that a test may damage. */
  function copy(): string {
    const folder = join(root, `copy-${copies++}`);
    cpSync(kept, folder, { recursive: true });
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
  ])('refuses a damaged %s', async (name, message) => {
    const folder = copy();
    flip(join(folder, name));
    const error = await loadRecommender(folder, { engine }).catch((cause) => cause);
    expect(error).toBeInstanceOf(ModelError);
    expect(error.message).toContain(message);
    expect(error.message).not.toContain('\n');
  });

  it('refuses a baseline of another version, and a manifest of another', async () => {
    const folder = copy();
    edit(folder, ({ baseline }) => {
      baseline.version = 2;
    });
    await expect(loadRecommender(folder, { engine })).rejects.toThrow(
      'recommender.json holds "v-sknn" of version 2; this program reads 1. Keep it again, or use the release that wrote it',
    );
    edit(folder, (manifest) => {
      manifest.version = 1;
    });
    await expect(loadRecommender(folder, { engine })).rejects.toThrow(
      'recommender.json has format version 1; this program reads 3. Keep it again, or use the release that wrote it',
    );
  });

  it('says what is missing', async () => {
    await expect(loadRecommender(join(root, 'none'), { engine })).rejects.toThrow(
      'model.json cannot be read',
    );
  });
});

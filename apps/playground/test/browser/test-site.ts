import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createWasmEngine } from '@gru4rec/engine-wasm';
import { writeWeb } from '@gru4rec/formats';
import type { Gru4Rec } from '@gru4rec/model';
import { build } from 'vite';
import { makeShop } from '../../scripts/shop.ts';
import { trainHere, trainingSet } from '../../src/page/worker/train-here.ts';
import { packSessions, unpackSessions } from '../../src/site/site-files.ts';

/** A small shop, so that a page trains on it in a moment. */
const SHOP = { events: 20_000, seed: 5 };

export interface TestSites {
  readonly withModel: string;
  readonly bare: string;
  readonly model: Gru4Rec;
  readonly items: Readonly<Record<'ids' | 'titles' | 'groups', readonly string[]>>;
  readonly remove: () => void;
}

/** Builds the page with a small shop, and makes a site of a model that is trained on it. */
export async function makeTestSites(): Promise<TestSites> {
  const folder = mkdtempSync(join(tmpdir(), 'gru4rec-page-'));
  const app = join(import.meta.dirname, '../..');
  const [withModel, bare] = [join(folder, 'with-model'), join(folder, 'bare')];
  await build({ configFile: join(app, 'vite.config.ts'), logLevel: 'error', build: { outDir: bare } });
  await makeShop(join(bare, 'shop'), SHOP);
  cpSync(bare, withModel, { recursive: true });
  const read = (name: string) => readFileSync(join(withModel, 'shop', name));
  const itemInfo = read('items.jsonl');
  const rows = itemInfo
    .toString()
    .split('\n')
    .map((line) => JSON.parse(line));
  const [ids, titles, groups] = ['id', 'title', 'group'].map((key) => rows.map((row): string => row[key]));
  const splits = unpackSessions(JSON.parse(read('sessions.json').toString()));
  const model = await trainHere(
    trainingSet(splits, ids),
    undefined,
    { preset: 'own', loss: 'cross-entropy', units: 32, epochs: 2 },
    { engine: createWasmEngine({ threads: 1 }), onProgress: () => {} },
  );
  await writeWeb(model, join(withModel, 'model'), { itemInfo });
  writeFileSync(join(withModel, 'sessions.json'), packSessions(splits, splits.itemCount));
  // As of a model whose feature is the group, and to which every tenth item is new.
  const groupNames = [...new Set(groups)];
  const features = {
    names: groupNames.map((name) => `group=${name}`),
    items: groups.map((group) => [groupNames.indexOf(group)]),
    cold: ids.flatMap((_, at) => (at % 10 === 0 ? at : [])),
  };
  writeFileSync(join(withModel, 'features.json'), JSON.stringify(features));
  const manifest = { name: 'My shop', model: 'model/', sessions: 'sessions.json', features: 'features.json' };
  writeFileSync(join(withModel, 'playground.json'), JSON.stringify(manifest));
  const items = { ids, titles, groups };
  return { withModel, bare, model, items, remove: () => rmSync(folder, { recursive: true }) };
}

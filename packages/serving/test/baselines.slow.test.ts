import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { createBaseline } from '@gru4rec/baselines';
import { BaselineRecommender, saveRecommender } from '@gru4rec/recommender';
import { tinySessions } from '@gru4rec/test-support';
import { describe, expect, it, onTestFinished } from 'vitest';
import { createServer, ItemsFile, MemoryStore } from '../src/index.ts';
import { askAt, idsOf, namedItems, saveTinyModel, startThread, testFolder } from './tiny-server.ts';

const { itemIds, support, ...train } = tinySessions({ sessions: 40, items: 30, seed: 3 });
const neighbours = createBaseline('v-sknn', { support, train });

/** Serves V-SKNN. */
async function serveNeighbours() {
  const folder = testFolder();
  const directory = join(folder, 'shop');
  const model = await saveTinyModel(join(folder, 'model'));
  const { itemIds, recentClicks } = model;
  const content = { name: 'V-SKNN', itemIds, recommender: neighbours, recentClicks };
  await saveRecommender(content, directory);
  writeFileSync(
    join(folder, 'items.csv'),
    'id,group,available\n1000,a,true\n1007,a,true\n1014,a,true\n1021,b,false\n',
  );
  const items = await ItemsFile.open(join(folder, 'items.csv'));
  const models = [{ name: 'shop', directory }];
  const server = await createServer({ models, startThread, sessions: new MemoryStore(), items, watchMs: 0 });
  onTestFinished(() => server.stop({ probeMs: 0 }));
  const ask = askAt(await server.listen({ port: 0 }));
  await server.load();
  return { ask, directory, model, served: new BaselineRecommender(content) };
}

describe('a server of a baseline', () => {
  it('answers with rules, live sessions and the items file as for a model, and swaps', async () => {
    const { ask, directory, model, served } = await serveNeighbours();
    const ids = [...served.itemIds];
    const available = ids.filter((id) => id !== '1021');
    const groups = new Map([1000, 1007, 1014].map((id) => [String(id), 'a']));
    const session = served.startSession();
    const click = async (item: string, rules: object = {}) => {
      session.click(item);
      return ask('/v1/sessions/ann/events', { item, n: 5, ...rules });
    };
    expect((await click('1007')).body.items).toEqual(namedItems(session.recommend(5, { allow: available })));
    expect((await click('1049')).body.items).toEqual(namedItems(session.recommend(5, { allow: available })));
    const { body } = await click('1007', { excludeSeen: true, deny: ['1063'], maxPerGroup: 1 });
    const rules = { excludeSeen: true, deny: ['1063'], allow: available, groups, maxPerGroup: 1 };
    expect(body.items).toEqual(namedItems(session.recommend(5, rules)));
    const boost = { items: { 1070: 2 } };
    const boosted = await ask('/v1/recommend', {
      items: ['1007'],
      n: 3,
      boost,
      pinned: [{ position: 2, item: '1000' }],
    });
    const one = served.startSession();
    one.click('1007');
    const pinned = [{ position: 2, item: '1000' }];
    const expected = { allow: available, pinned, boost: { items: new Map([['1070', 2]]) } };
    expect(boosted.body.items).toEqual(namedItems(one.recommend(3, expected)));
    const candidates = ['1000', '1035', '1091'];
    const ranked = await ask('/v1/rank', { items: ['1007'], candidates });
    expect(ranked.body.items).toEqual(namedItems(one.rank(candidates).items));
    const cold = await ask('/v1/recommend', { items: ['gone'], n: 4 });
    expect(cold.body).toMatchObject({ fallback: true });
    expect(idsOf(cold)).toEqual(
      served
        .popularItems()
        ?.recommend(4, { allow: available })
        .map(({ id }) => id),
    );

    // A GRU4Rec replaces it while a session goes on.
    await saveRecommender({ name: 'GRU4Rec', itemIds: ids, recommender: model }, directory);
    expect((await ask('/v1/models/shop/load', {})).status).toBeLessThan(300);
    const continued = model.startSession();
    for (const item of ['1007', '1049', '1007', '1035']) continued.click(item);
    const swapped = await ask('/v1/sessions/ann/events', { item: '1035', n: 5 });
    expect(swapped.body.items).toEqual(namedItems(continued.recommend(5, { allow: available })));
  });
});

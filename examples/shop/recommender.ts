import { existsSync, writeFileSync } from 'node:fs';
import { shopItems, writeShopLog } from '@gru4rec/synthetic';
import { openEventLog, openItemsFile, prepare, readDataset, serve, train } from 'gru4rec';

/** Serves a model of a shop that is made up at the first start. @returns the URL. */
export async function startRecommender(): Promise<string> {
  if (!existsSync('model')) {
    console.log('Making a shop, a month of its clicks, and a model of them');
    const shop = { events: 40_000, items: 800, seed: 1 };
    const rows = shopItems(shop).map(({ id, title, brand, group: category }) =>
      JSON.stringify({
        id: String(id),
        title,
        brand,
        category,
        price: 5 + (id % 95),
        url: `/products/${id}`,
      }),
    );
    writeFileSync('products.jsonl', rows.join('\n'));
    await writeShopLog('clicks.tsv', shop);
    await prepare({ inputs: ['clicks.tsv'], items: 'products.jsonl', output: 'data', overwrite: true });
    const model = await train(await readDataset('data'), { itemFeatures: ['brand', 'category'], nEpochs: 3 });
    await model.save('model');
  }
  const [items, log] = [await openItemsFile('products.jsonl'), await openEventLog('events')];
  return (await serve('model', { port: 0, items, observers: [log] })).url;
}

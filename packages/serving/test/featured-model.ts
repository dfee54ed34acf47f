import { FeatureVocabulary, type ItemInfo, itemRow, learnFeatures } from '@gru4rec/dataset/items';
import { addItems, Gru4Rec, loadModel, parseConfig, train } from '@gru4rec/model';
import { tinySessions } from '@gru4rec/test-support';
import { engine } from './tiny-server.ts';

const ITEMS = 30;

/** The columns of an item of the shop: five brands, and words that seven items share. */
export function columnsOf(item: number): { brand: string; title: string } {
  return { brand: `b${item % 5}`, title: `word${item % 7} and thing${item % 4}` };
}

/** The vector of an item of the shop. */
export function textOf(item: number): number[] {
  return [Math.sin(item), Math.cos(item), 0.5];
}

/** What an items file says of an item with these columns. */
function infoOf(columns: Record<string, unknown>): ItemInfo {
  return itemRow({ row: { id: 'x', ...columns }, line: 1 }).info;
}

/** Trains a model with features, of the items of `saveTinyModel`, and saves it. @returns the model, for expectations. */
export async function saveFeaturedModel(
  directory: string,
  values: Record<string, unknown> = {},
  others: Readonly<Record<string, Record<string, string>>> = {},
): Promise<Gru4Rec> {
  const {
    itemIds: clicked,
    support: counts,
    ...sessions
  } = tinySessions({ sessions: 40, items: ITEMS, seed: 3 });
  const itemIds = [...clicked, ...Object.keys(others)];
  const support = Int32Array.from(itemIds, (_, item) => counts[item] ?? 0);
  const described = clicked.map((_, item) => ({ ...columnsOf(item), text: textOf(item) }));
  const infos = [...described, ...Object.values(others)].map(infoOf);
  const itemFeatures = async (columns: readonly string[], known?: object, texts: readonly string[] = []) => {
    const learnt = () => learnFeatures(columns, () => infos.slice(0, ITEMS), texts);
    const vocabulary = known ? FeatureVocabulary.fromJSON(known) : learnt();
    const { size: count, mostPerItem: perItem } = vocabulary;
    const width = vocabulary.vectors?.width ?? 0;
    const table = new Int32Array(itemIds.length * perItem).fill(-1);
    const vectors = new Float32Array(itemIds.length * width);
    for (const [item, info] of infos.entries()) {
      table.set(vocabulary.encode(info), item * perItem);
      vectors.set(vocabulary.vector('', info), item * width);
    }
    return { vocabulary: { ...vocabulary.toJSON() }, count, perItem, table, width, vectors };
  };
  const config = parseConfig({
    ...{ layers: [12], batchSize: 6, nSample: 16, nEpochs: 2, learningRate: 0.1 },
    ...{ itemFeatures: ['brand', 'title'], coldItemOffset: 1, ...values },
  });
  await (await train({ itemIds, support, train: sessions, itemFeatures }, config, { engine })).save(
    directory,
  );
  return loadModel(directory, { engine });
}

/** The model with more items, or with other features of some. */
export function withItems(model: Gru4Rec, items: Readonly<Record<string, Record<string, unknown>>>): Gru4Rec {
  const vocabulary = FeatureVocabulary.fromJSON(model.vocabulary);
  const infos = Object.values(items).map(infoOf);
  const features = infos.map((info) => vocabulary.encode(info));
  const vectors = Float32Array.from(infos.flatMap((info) => [...vocabulary.vector('', info)]));
  const perItem = Math.max(...features.map(({ length }) => length));
  const table = new Int32Array(features.length * perItem).fill(-1);
  for (const [at, own] of features.entries()) table.set(own, at * perItem);
  const { config, history, itemIds, tensors, recentClicks } = model;
  const stored = { config, history, itemIds, tensors, ...(recentClicks && { recentClicks }) };
  return new Gru4Rec({ ...addItems(stored, { ids: Object.keys(items), features: table, vectors }), engine });
}

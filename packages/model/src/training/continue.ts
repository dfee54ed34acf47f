import type { SessionArrays } from '@gru4rec/batcher';
import { type ItemIds, ItemIdTable } from '@gru4rec/dataset/ids';
import type { Runtime } from '@gru4rec/program';
import { platform } from '#platform';
import { ConfigError, type ModelConfig } from '../config.ts';
import type { Gru4Rec } from '../gru4rec.ts';
import { historyLength } from '../parts/registry.ts';
import type { EncodedItems, SessionsOnDisk, TrainingData } from './training-data.ts';
import { drawRows } from './variables.ts';

/** Keys that determine the shape of a model's parameters and what they mean. */
const lasting = [
  'layers',
  'cell',
  'gru',
  'constrainedEmbedding',
  'embedding',
  'hiddenAct',
  'optimizer',
  'parts',
  'itemFeatures',
  'itemVectors',
  'itemFeatureScale',
  'clickFeatures',
  'clickFeatureScale',
] as const satisfies readonly (keyof ModelConfig)[];

/**
 * Checks that a model can be trained further with another configuration.
 * @throws ConfigError for a key that the model's parameters depend on.
 */
export function checkContinued(model: ModelConfig, next: ModelConfig): void {
  const withHistory = historyLength(model) > 0 ? (['repeatLength'] as const) : [];
  for (const key of [...lasting, ...withHistory]) {
    const [had, got] = [JSON.stringify(model[key]), JSON.stringify(next[key])];
    if (had === got) continue;
    throw new ConfigError(
      `configuration: "${key}" expected ${had} as in the model that training continues, got ${got}. ` +
        'Its parameters have that shape; train a new model for another.',
    );
  }
}

/** Data with the item indices of a model. */
export interface AlignedData<T> {
  /** The model's items in its order, then the new ones in the data's. */
  readonly data: T;
  readonly newItems: number;
  /** Items of the model that are not in the data; their support is 0. */
  readonly absentItems: number;
}

/**
 * Numbers the items of new data as a model does. New items follow the known ones; known items that are not in the data keep their
 * index, with support 0.
 * @param data - read only. Its other splits, such as `validation`, are renumbered too; splits on disk when they are read.
 * @returns fresh arrays for what changes.
 * @example
 * const { data, newItems } = alignItems(model.itemIds, await readDataset('data'));
 * const continued = await train(data, model.config, { from: model });
 */
export function alignItems<T extends TrainingData>(knownIds: ItemIds, data: T): AlignedData<T> {
  const itemIds = ItemIdTable.from(knownIds);
  const renumbered = new Int32Array(data.itemIds.length);
  let at = 0;
  for (const id of data.itemIds) renumbered[at++] = itemIds.add(id);
  const support = new Int32Array(itemIds.length);
  for (const [index, count] of data.support.entries()) support[renumbered[index]] = count;
  const splits = Object.entries(data).flatMap(([name, split]) =>
    isSplit(split) ? [[name, renumberSplit(split, renumbered)]] : [],
  );
  const newItems = itemIds.length - knownIds.length;
  const absentItems = knownIds.length - (data.itemIds.length - newItems);
  const aligned = { ...data, ...Object.fromEntries(splits), itemIds, support };
  const { itemFeatures } = data;
  if (itemFeatures) {
    aligned.itemFeatures = async (...given: Parameters<typeof itemFeatures>) =>
      renumberFeatures(await itemFeatures(...given), renumbered, itemIds.length);
  }
  return { data: aligned, newItems, absentItems };
}

function renumberFeatures(
  encoded: EncodedItems | undefined,
  renumbered: Int32Array,
  itemCount: number,
): EncodedItems | undefined {
  if (!encoded) return undefined;
  const { perItem, width = 0, vectors } = encoded;
  const table = new Int32Array(itemCount * perItem).fill(-1);
  const moved = new Float32Array(itemCount * width);
  for (const [item, to] of renumbered.entries()) {
    table.set(encoded.table.subarray(item * perItem, (item + 1) * perItem), to * perItem);
    if (vectors) moved.set(vectors.subarray(item * width, (item + 1) * width), to * width);
  }
  return { ...encoded, table, vectors: vectors && moved };
}

type Split = Partial<SessionArrays & SessionsOnDisk>;

function isSplit(value: Split | null): value is Split {
  return value?.items instanceof Int32Array || typeof value?.read === 'function';
}

function renumberSplit(split: Split, renumbered: Int32Array): Split {
  const renumber = (items: Int32Array): Int32Array => items.map((item) => renumbered[item]);
  const { items, read, checksum } = split;
  return {
    ...split,
    ...(items ? { items: renumber(items) } : {}),
    ...(read
      ? {
          read: async (index: number) => {
            const block = await read(index);
            return { ...block, items: renumber(block.items) };
          },
        }
      : {}),
    // The same file with other item indices is other data.
    ...(checksum === undefined ? {} : { checksum: renumberedChecksum(checksum, renumbered) }),
  };
}

function renumberedChecksum(checksum: string, renumbered: Int32Array): string {
  const { buffer, byteOffset, byteLength } = renumbered;
  return platform
    .sha256()
    .update(checksum)
    .update(new Uint8Array(buffer, byteOffset, byteLength))
    .hex();
}

function checkOrder(known: ItemIds, ids: ItemIds): void {
  const both = Math.min(known.length, ids.length);
  let at = 0;
  while (at < both && known.at(at) === ids.at(at)) at++;
  if (at === both) return;
  const [expected, got] = [JSON.stringify(known.at(at)), JSON.stringify(ids.at(at))];
  throw new RangeError(
    `train: "itemIds" expected ${expected} at index ${at} as in the model to continue, got ${got}. Use alignItems.`,
  );
}

/**
 * Writes a model's values into a runtime whose item tables may have grown. Rows of new items are drawn as in a new
 * model, from separate streams; their biases and optimiser slots are 0, as is a slot that the model lacks, because it
 * was trained without momentum.
 */
export function writeContinued(
  runtime: Runtime,
  model: Gru4Rec,
  next: { readonly config: ModelConfig; readonly itemIds: ItemIds },
): void {
  const { config, itemIds } = next;
  checkContinued(model.config, config);
  checkOrder(model.itemIds, itemIds);
  const stored = new Map(model.tensors.map((t) => [t.name, t]));
  for (const { name, kind, rows, cols } of runtime.variables) {
    const tensor = stored.get(name);
    if (!tensor) continue;
    if (tensor.cols !== cols || tensor.rows > rows) {
      const [expected, got] = [`[${rows}, ${cols}]`, `[${tensor.rows}, ${tensor.cols}]`];
      throw new RangeError(`train: "${name}" of the model to continue expected ${expected}, got ${got}`);
    }
    const values = new Float32Array(rows * cols);
    values.set(tensor.values);
    if (rows > tensor.rows && kind === 'table') {
      values.set(drawRows(name, { rows, cols }, tensor.rows, config), tensor.values.length);
    }
    runtime.write(name, values);
  }
}

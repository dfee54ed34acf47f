import { copyFile } from 'node:fs/promises';
import { join } from 'node:path';
import {
  anything,
  callback,
  checkOptions,
  type OptionChecks,
  required,
  text,
} from '@gru4rec/checked-options';
import { ItemIdTable } from '@gru4rec/item-ids';
import { recordFor } from './check.ts';
import { copyItemInfo, type ItemInfoSource, writeItemInfo } from './item-info-file.ts';
import { type DatasetManifest, type SplitName, splitNames } from './manifest.ts';
import { inOrder } from './merge-sessions.ts';
import { openChecked } from './read-arrow.ts';
import { readItemChunks, readSessionChunks } from './read-chunks.ts';
import { readItems, readManifest } from './read-dataset.ts';
import type { ItemChunk, SessionChunk } from './table.ts';
import { collected, type WrittenSplit, writeItems, writeManifest, writeSplit } from './write-dataset.ts';

/** A dataset and what is added to it. */
export interface Extension {
  /** The folder of the dataset. */
  readonly base: string;
  /** The folder of a dataset whose training sessions are added; its other splits are ignored. */
  readonly more: string;
  /** JSON, stored in the manifest. */
  readonly preparation: unknown;
  /** Replaces `item-info.jsonl` of `base`, which is copied if not given. */
  readonly itemInfo?: ItemInfoSource | undefined;
  /** Called after every chunk of sessions with the number of events so far. */
  readonly onEvents?: (events: number) => void;
}

const checks: OptionChecks<Extension> = {
  ...{ base: required(text), more: required(text), preparation: required({ ...anything, fits: () => true }) },
  ...{ itemInfo: anything, onEvents: callback },
};

/**
 * Writes the files of a dataset with additional training sessions. Sessions are merged by start; of equal starts, the
 * sessions of `base` come first. New items are appended to the item index and support is added up. Other splits are copied
 * byte for byte. All files are compressed like the training sessions of `base`. The sessions of both datasets must be in
 * order of their starts. Memory holds one chunk of sessions of each dataset, and the items of `more`. For use with
 * `replaceDataset`.
 *
 * @throws DataError naming a file of either dataset that is damaged.
 */
export async function extendDatasetFiles(folder: string, extension: Extension): Promise<DatasetManifest> {
  checkOptions('extendDatasetFiles', extension, checks);
  const { base, more, preparation, itemInfo: source } = extension;
  const manifest = await readManifest(base);
  const added = await readManifest(more);
  const { compression } = recordFor(manifest, 'train.arrow');
  const index = await ItemMapping.read(more, added);
  const itemIds = new ItemIdTable();
  const chunks = index.extended(readItemChunks(base, manifest));
  const items = await writeItems(folder, source ? collected(chunks, itemIds) : chunks, compression);
  const splits: Partial<Record<SplitName, WrittenSplit>> = {};
  const sessions = joined(extension, manifest, added, index);
  splits.train = await writeSplit(folder, 'train', sessions, compression);
  for (const name of splitNames) {
    const counts = manifest.counts.splits[name];
    if (counts === undefined || name === 'train') continue;
    const record = recordFor(manifest, `${name}.arrow`);
    await (await openChecked(base, `${name}.arrow`, record)).handle.close();
    await copyFile(join(base, `${name}.arrow`), join(folder, `${name}.arrow`));
    splits[name] = { record, counts };
  }
  const itemInfo = source
    ? await writeItemInfo(folder, source(itemIds))
    : await copyItemInfo(base, manifest, folder);
  return writeManifest(folder, { items, splits, preparation, itemInfo });
}

async function* joined(
  { base, more, onEvents }: Extension,
  manifest: DatasetManifest,
  added: DatasetManifest,
  index: ItemMapping,
): AsyncGenerator<SessionChunk> {
  let events = 0;
  const old = readSessionChunks(base, manifest, 'train');
  for await (const chunk of inOrder(old, renumbered(readSessionChunks(more, added, 'train'), index))) {
    yield chunk;
    events += chunk.items.length;
    onEvents?.(events);
  }
}

async function* renumbered(
  chunks: AsyncIterable<SessionChunk>,
  index: ItemMapping,
): AsyncGenerator<SessionChunk> {
  for await (const chunk of chunks) yield { ...chunk, items: chunk.items.map((item) => index.of(item)) };
}

/** Maps items of the added dataset to items of the extended one. */
class ItemMapping {
  readonly #ids: ItemIdTable;
  readonly #support: Int32Array;
  readonly #index: Int32Array;

  private constructor(ids: ItemIdTable, support: Int32Array) {
    this.#ids = ids;
    this.#support = support;
    this.#index = new Int32Array(ids.length).fill(-1);
  }

  static async read(directory: string, manifest: DatasetManifest): Promise<ItemMapping> {
    const { itemIds, support } = await readItems(directory, manifest);
    return new ItemMapping(itemIds, support);
  }

  /** The old items with their new support, then the new ones. Complete once both item tables have been read. */
  async *extended(old: AsyncIterable<ItemChunk>): AsyncGenerator<ItemChunk> {
    let count = 0;
    for await (const { itemIds, support } of old) {
      const sums = support.slice();
      let at = 0;
      for (const id of itemIds) {
        const item = this.#ids.indexOf(id);
        if (item >= 0) {
          sums[at] = (sums[at] ?? 0) + (this.#support[item] ?? 0);
          this.#index[item] = count + at;
        }
        at++;
      }
      yield { itemIds, support: sums };
      count += at;
    }
    yield this.#fresh(count);
  }

  /** @param count - number of old items. */
  #fresh(count: number): ItemChunk {
    const itemIds = new ItemIdTable();
    const support: number[] = [];
    for (const [item, index] of this.#index.entries()) {
      if (index >= 0) continue;
      this.#index[item] = count + itemIds.add(this.#ids.at(item) ?? '');
      support.push(this.#support[item] ?? 0);
    }
    return { itemIds, support: Int32Array.from(support) };
  }

  of(item: number): number {
    return this.#index[item] ?? -1;
  }
}

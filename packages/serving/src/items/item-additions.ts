import { createHash } from 'node:crypto';
import { setImmediate } from 'node:timers/promises';
import { ItemIdTable } from '@gru4rec/dataset/ids';
import { FeatureVocabulary, type ItemInfo } from '@gru4rec/dataset/items';
import { type AddedItems, isComposedOf } from '@gru4rec/model';
import type { SharedModel } from '../learning/shared-model.ts';

export type ItemChange = 'new' | 'changed' | 'kept';

interface Described {
  readonly features: Int32Array;
  readonly vector: Float32Array;
}

/** Items between two pauses, in which requests are answered; an item takes some microseconds. */
const ITEMS_AT_ONCE = 200;

export class ItemAdditions {
  readonly vocabulary: FeatureVocabulary;
  readonly #base: SharedModel;
  readonly #itemIds: ItemIdTable;
  #described = new Map<string, Described>();
  #next: Map<string, Described> | undefined;

  constructor(base: SharedModel) {
    this.#base = base;
    this.#itemIds = ItemIdTable.open(base.ids);
    this.vocabulary = FeatureVocabulary.fromJSON(base.vocabulary);
  }

  get size(): number {
    return this.#described.size;
  }

  isNew(id: string): boolean {
    return this.#described.has(id) && this.#itemIds.indexOf(id) < 0;
  }

  get added(): AddedItems {
    const width = this.vocabulary.vectors?.width ?? 0;
    let perItem = 0;
    for (const { features } of this.#described.values()) perItem = Math.max(perItem, features.length);
    const features = new Int32Array(this.size * perItem).fill(-1);
    const vectors = new Float32Array(this.size * width);
    let at = 0;
    for (const item of this.#described.values()) {
      features.set(item.features, at * perItem);
      vectors.set(item.vector, at * width);
      at++;
    }
    return { ids: [...this.#described.keys()], features, vectors: width > 0 ? vectors : undefined };
  }

  /** The same items in the same order give the same version. */
  get model(): SharedModel {
    if (this.size === 0) return this.#base;
    const { added } = this;
    const { ids, features, vectors } = added;
    const hash = createHash('sha256').update(JSON.stringify(ids)).update(features);
    if (vectors) hash.update(vectors);
    return { ...this.#base, version: `${this.#base.version}+${hash.digest('hex').slice(0, 16)}`, added };
  }

  take(id: string, info: ItemInfo): ItemChange {
    if (this.#next) this.#put(this.#next, id, info);
    return this.#put(this.#described, id, info);
  }

  async replace(rows: Iterable<readonly [id: string, info: ItemInfo]>): Promise<void> {
    const next = new Map<string, Described>();
    this.#next = next;
    let read = 0;
    for (const [id, info] of rows) {
      this.#put(next, id, info);
      if (++read % ITEMS_AT_ONCE === 0) await setImmediate();
    }
    // Else a later call has begun, whose rows are newer.
    if (this.#next !== next) return;
    this.#described = next;
    this.#next = undefined;
  }

  #put(described: Map<string, Described>, id: string, info: ItemInfo): ItemChange {
    const { vocabulary } = this;
    const item = this.#itemIds.indexOf(id);
    const own = { features: Int32Array.from(vocabulary.encode(info)), vector: vocabulary.vector(id, info) };
    const before = described.get(id);
    // The vector that a trained item was trained with is not known any more if its row has none.
    const stays = item >= 0 && vocabulary.vectors !== undefined && !vocabulary.hasVector(info);
    if (stays || (item >= 0 && isComposedOf(this.#base, item, own.features, own.vector))) {
      return described.delete(id) ? 'changed' : 'kept';
    }
    described.set(id, own);
    if (before && areEqual(before.features, own.features) && areEqual(before.vector, own.vector))
      return 'kept';
    return before === undefined && item < 0 ? 'new' : 'changed';
  }
}

function areEqual(a: Int32Array | Float32Array, b: Int32Array | Float32Array): boolean {
  return a.length === b.length && b.every((number, at) => number === a[at]);
}

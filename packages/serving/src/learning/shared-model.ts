import { ItemIdTable, type SharedIds } from '@gru4rec/dataset/ids';
import {
  type AddedItems,
  addItems,
  Gru4Rec,
  type Learner,
  type ModelConfig,
  type StoredModel,
  type StoredTensor,
} from '@gru4rec/model';
import type { Engine } from '@gru4rec/program';

/** A version of a model in shared memory, which nobody writes while it may be read. */
export interface SharedModel {
  readonly version: string;
  readonly lineage: string;
  readonly config: ModelConfig;
  readonly ids: SharedIds;
  readonly tensors: readonly StoredTensor[];
  /** [I] */
  readonly recentClicks: Float32Array;
  readonly trending?: StoredModel['trending'];
  /** The vocabulary of a model with features, as training left it. */
  readonly vocabulary?: StoredModel['vocabulary'] | undefined;
  readonly clickVocabulary?: StoredModel['clickVocabulary'] | undefined;
  /** Items that such a model gets when it is opened. */
  readonly added?: AddedItems;
}

export function shareTrained({
  config,
  vocabulary,
  clickVocabulary,
  checksum = '',
  ...model
}: Gru4Rec): SharedModel {
  const { itemIds, recentClicks = new Float32Array(itemIds.length) } = model;
  const read = model.tensors.filter(({ kind }) => kind !== 'slot');
  return {
    version: checksum,
    lineage: checksum,
    config,
    vocabulary,
    clickVocabulary,
    ids: ItemIdTable.of(itemIds).share(),
    tensors: read.map((tensor) => ({ ...tensor, values: sharedCopy(tensor.values) })),
    recentClicks: sharedCopy(recentClicks),
    trending: model.trending,
  };
}

function sharedCopy(values: Float32Array): Float32Array {
  const copy = new Float32Array(new SharedArrayBuffer(values.byteLength));
  copy.set(values);
  return copy;
}

export function shareModel(
  learner: Learner,
  about: Pick<SharedModel, 'version' | 'lineage' | 'config' | 'clickVocabulary' | 'trending'>,
  array: ShareArray,
): SharedModel {
  const tensors = learner.tables((length, name) => array(name, Float32Array, length));
  checkFinite(tensors);
  const copy = <A extends SharedArray>(name: string, values: A): A => {
    const shared = array(name, values.constructor as SharedArrayType<A>, values.length);
    shared.set(values);
    return shared;
  };
  const { utf8, offsets, slots, ...ids } = learner.itemIds.share();
  return {
    ...about,
    ids: { ...ids, utf8: copy('ids', utf8), offsets: copy('offsets', offsets), slots: copy('slots', slots) },
    tensors,
    recentClicks: copy('recent clicks', learner.recentClicks),
  };
}

/**
 * With added items, the tables are copies.
 * @param before - a version that is not used any more, whose engine memory it may have.
 * @param base - the model that learning began with, whose history and optimiser slots it has; else none.
 */
export function openShared(of: SharedModel, engine: Engine, before?: Gru4Rec, base?: Gru4Rec): Gru4Rec {
  const { ids, added, ...shared } = of;
  const slots = base?.tensors.filter(({ kind }) => kind === 'slot') ?? [];
  const tensors = [...shared.tensors, ...slots];
  const model = { ...shared, tensors, itemIds: ItemIdTable.open(ids), history: base?.history ?? [] };
  return new Gru4Rec({ ...(added ? addItems(model, added) : model), engine, before });
}

export class NotFinite extends Error {
  override readonly name = 'NotFinite';
}

export function checkFinite(tensors: readonly StoredTensor[]): void {
  for (const { name, values } of tensors) {
    if (!areFinite(values)) throw new NotFinite(`"${name}" holds NaN or infinity`);
  }
}

function areFinite(values: Float32Array): boolean {
  let zero = 0;
  for (const value of values) zero += value * 0;
  return zero === 0;
}

type SharedArray = Float32Array | Int32Array | Uint8Array;
interface SharedArrayType<A> {
  new (buffer: SharedArrayBuffer, byteOffset: number, length: number): A;
  readonly BYTES_PER_ELEMENT: number;
}
/** A view of shared memory, whose content is that of the version before. */
type ShareArray = <A extends SharedArray>(name: string, type: SharedArrayType<A>, length: number) => A;

/** Room for growth: this share more than is needed. */
const SPARE = 1 / 4;

interface Place<Version> {
  readonly buffers: Map<string, SharedArrayBuffer>;
  version: Version | undefined;
}

/**
 * Shared memory in which versions take turns: a thread keeps what it received until its next full collection, as
 * its heap does not count it. With new memory for each of 400 versions of 12 MB, a process grew by 4.8 GB.
 */
export class SharedSpace<Version> {
  readonly #places: Place<Version>[] = [];

  /** In memory that no version in use has. */
  make(inUse: readonly (Version | undefined)[], make: (array: ShareArray) => Version): Version {
    const place = this.#freePlace(inUse);
    place.version = undefined;
    place.version = make((name, type, length) => {
      const bytes = length * type.BYTES_PER_ELEMENT;
      let buffer = place.buffers.get(name);
      if (!buffer || buffer.byteLength < bytes) {
        buffer = new SharedArrayBuffer(8 * Math.ceil(((1 + SPARE) * bytes) / 8));
        place.buffers.set(name, buffer);
      }
      return new type(buffer, 0, length);
    });
    return place.version;
  }

  #freePlace(inUse: readonly (Version | undefined)[]): Place<Version> {
    const free = this.#places.find(({ version }) => version === undefined || !inUse.includes(version));
    if (free) return free;
    const place = { buffers: new Map<string, SharedArrayBuffer>(), version: undefined };
    this.#places.push(place);
    return place;
  }
}

import { ItemIdTable, type SharedIds } from '@gru4rec/item-ids';
import { Gru4Rec, type Learner, type ModelConfig, type StoredTensor } from '@gru4rec/model';
import type { Engine } from '@gru4rec/program';
import type { ShareArray } from './shared-space.ts';

/** A version of a model in shared memory, which nobody writes while it may be read. */
export interface SharedModel {
  readonly version: string;
  /** Checksum of the model that learning began with. */
  readonly lineage: string;
  readonly config: ModelConfig;
  readonly ids: SharedIds;
  /** Parameters and tables. */
  readonly tensors: readonly StoredTensor[];
  /** [I] */
  readonly recentClicks: Float32Array;
}

/** What a learner knows now, in arrays of shared memory. @throws NotFinite if a value is not. */
export function shareModel(
  learner: Learner,
  about: Pick<SharedModel, 'version' | 'lineage' | 'config'>,
  array: ShareArray,
): SharedModel {
  const tensors = learner.tables((length, name) => array(name, Float32Array, length));
  checkFinite(tensors);
  const { recentClicks } = learner;
  const clicks = array('recent clicks', Float32Array, recentClicks.length);
  clicks.set(recentClicks);
  const made = learner.itemIds.share();
  const utf8 = array('ids', Uint8Array, made.utf8.length);
  const offsets = array('offsets', Int32Array, made.offsets.length);
  const slots = array('slots', Int32Array, made.slots.length);
  utf8.set(made.utf8);
  offsets.set(made.offsets);
  slots.set(made.slots);
  return { ...about, ids: { ...made, utf8, offsets, slots }, tensors, recentClicks: clicks };
}

/** A model that reads shared memory. */
export function openShared({ config, ids, tensors, recentClicks }: SharedModel, engine: Engine): Gru4Rec {
  return new Gru4Rec({ config, engine, tensors, recentClicks, itemIds: ItemIdTable.open(ids), history: [] });
}

/** Tables that nothing can be recommended with. */
export class NotFinite extends Error {
  override readonly name = 'NotFinite';
}

/** @throws NotFinite if a value is not. */
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

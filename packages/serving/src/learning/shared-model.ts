import { ItemIdTable, type SharedIds } from '@gru4rec/item-ids';
import { Gru4Rec, type Learner, type ModelConfig, type StoredTensor } from '@gru4rec/model';
import type { Engine } from '@gru4rec/program';

/** A version of a model in shared memory, which nobody writes. */
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

/** What a learner knows now, in shared memory. @throws NotFinite if a value is not. */
export function shareModel(
  learner: Learner,
  { config }: Gru4Rec,
  names: Pick<SharedModel, 'version' | 'lineage'>,
): SharedModel {
  const tensors = learner.sharedTensors();
  checkFinite(tensors);
  const { recentClicks } = learner;
  const shared = new Float32Array(new SharedArrayBuffer(recentClicks.byteLength));
  shared.set(recentClicks);
  return { ...names, config, ids: ItemIdTable.from(learner.itemIds).share(), tensors, recentClicks: shared };
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

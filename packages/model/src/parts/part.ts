import type { Allocate, StoredTensor } from '../storage/tensors.ts';
import type { PreparedData } from '../training/training-data.ts';

export interface PartConfig {
  readonly parts: readonly string[];
  /** K, the items of a session that parts read, the last ones. */
  readonly repeatLength: number;
}

/** The last distinct items of a session, the most recent first, −1 where there are fewer, and how often each was clicked. */
export interface SessionItems {
  readonly items: Int32Array;
  readonly counts: Int32Array;
}

/** How many weights of each kind a part has, in this order. */
export interface PartWidths {
  /** One per place, such as those of a session: an item gets the weight of its place. The fit pulls them towards each other. */
  readonly places: number;
  readonly plain: number;
  /** One per feature that multiplies the score of the network. */
  readonly scaled: number;
}

/**
 * A sparse part of the score: some items of a session get a place k, features f and g, and
 *
 * score_i = s_i + Σ_parts (c_k + f_i · w + (g_i · a) s_i), s_i the score of the network
 *
 * The weights [c | w | a] of a part are its tensor `<name>.weights` [1, P]. `fitParts` fits those of all parts at once.
 */
export interface SparsePart {
  widths(config: PartConfig): PartWidths;
  /** Whether weights below 0 are refused. A list has room for items that other parts lower. */
  readonly raises?: boolean;
  /** The most items of a session that compete with the clicked one in a fit, those with the greatest first plain feature. */
  readonly rivals: number;
  /** Tables of the part, [I × N] of a size that it chooses, counted once the epochs are over. */
  readonly tables?: PartTables;
  open(config: PartConfig, tensors: readonly StoredTensor[], itemCount: number): PartFeatures | undefined;
}

export interface PartTables {
  /** [items, similarities] */
  readonly names: readonly string[];
  /** Tensors [I × 1] that only counting on reads. */
  readonly slots: readonly string[];
  /**
   * Counts the tables; none if they would be too large. The same for sessions in memory and on disk in time order.
   * @param before - tensors of the model that training continues.
   */
  count(data: PreparedData, before: readonly StoredTensor[] | undefined): Promise<StoredTensor[]>;
  /**
   * Opens the tables for a learner, which counts on. Without it, a learner keeps them as they are.
   * @param state - `FollowedTables.state` of the learner that made the tensors.
   * @returns undefined if the tensors have no tables.
   */
  follow?(tensors: readonly StoredTensor[], state: FollowedState | undefined): FollowedTables | undefined;
}

export interface FollowedTables {
  /** Counts an item that joins a session. @param items - those that joined it before. */
  join(item: number, items: readonly number[]): void;
  /** The tables with a row per item. */
  tables(itemCount: number, allocate?: Allocate): StoredTensor[];
  /** The tensors that counting on reads (fresh). */
  slots(itemCount: number): StoredTensor[];
  /** What another learner needs to go on with the same bits (fresh). */
  readonly state?: FollowedState | undefined;
}

export interface FollowedState {
  readonly others: Int32Array;
  readonly shared: Float32Array;
  readonly weights: Float32Array;
}

export interface PartFeatures {
  /** The most items of a session. */
  readonly length: number;
  /** [length] the items of the session that `read` was called with last, no item twice; changed in place. */
  readonly items: Int32Array;
  /** [length] the place of each; only with places. Changed in place. */
  readonly places?: Int32Array;
  /** [length × (plain + scaled)] their features; changed in place. */
  readonly features: Float64Array;
  /** @returns how many items have features. */
  read(session: SessionItems): number;
}

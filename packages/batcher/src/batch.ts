/** The input of one step: B slots, each with a running session or dead. The batcher reuses it for the next step. */
export interface Batch {
  /** [B] item indices fed; −1 in a dead slot. */
  readonly input: Int32Array;
  /** [B] item indices to predict, each the next event of the slot's session; −1 in a dead slot. */
  readonly target: Int32Array;
  /** [B] 1 where a session starts, so that the hidden state must become zero before the step; else 0. */
  readonly resetMask: Float32Array;
  /** [B] 1 where a session runs; 0 in a dead slot. */
  readonly live: Float32Array;
  /** [B] index of the slot's session, as stored; −1 in a dead slot. */
  readonly session: Float64Array;
  /** Number of ones in `live`. */
  readonly liveSlots: number;
  /** Number of the step in its epoch, from 0. */
  readonly step: number;
}

/** A batch as its owner sees it. */
export type MutableBatch = { -readonly [Field in keyof Batch]: Batch[Field] };

/** @returns a batch of dead slots (fresh). */
export function createBatch(batchSize: number): MutableBatch {
  return {
    input: new Int32Array(batchSize).fill(-1),
    target: new Int32Array(batchSize).fill(-1),
    resetMask: new Float32Array(batchSize),
    live: new Float32Array(batchSize),
    session: new Float64Array(batchSize).fill(-1),
    liveSlots: 0,
    step: 0,
  };
}

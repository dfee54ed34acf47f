/** The input of one step: B slots, each live with a session, or dead. The batcher reuses it for the next step. */
export interface Batch {
  /** [B] item index of the current event of each slot's session; −1 in a dead slot. */
  readonly input: Int32Array;
  /** [B] item index to predict, of the next event of each slot's session; −1 in a dead slot. */
  readonly target: Int32Array;
  /** [B] 1 if a session starts, so that its hidden state must be set to zero before the step; otherwise 0. */
  readonly resetMask: Float32Array;
  /** [B] 1 in a live slot, 0 in a dead one. */
  readonly live: Float32Array;
  /** [B] stored index of each slot's session; −1 in a dead slot. */
  readonly session: Float64Array;
  /**
   * [B × historyLength], row-major: the last distinct items of each slot's session up to its current event, the most recent
   * first; −1 where there are fewer, and in dead slots.
   */
  readonly history: Int32Array;
  /** [B × C], row-major: the context of each slot's current event, as of `SessionArrays`; −1 in dead slots. */
  readonly context: Int32Array;
  /** [B × C] the context of each slot's next event. */
  readonly targetContext: Int32Array;
  /** Number of live slots. */
  readonly liveSlots: number;
  /** Number of the step in its epoch, from 0. */
  readonly step: number;
}

/** A batch for its owner, which fills it. */
export type MutableBatch = { -readonly [Field in keyof Batch]: Batch[Field] };

/**
 * @param history - of the slots; kept, not copied.
 * @param contextWidth - C.
 * @returns a new batch of dead slots.
 */
export function createBatch(
  batchSize: number,
  history: Int32Array = new Int32Array(0),
  contextWidth = 0,
): MutableBatch {
  return {
    input: new Int32Array(batchSize).fill(-1),
    target: new Int32Array(batchSize).fill(-1),
    resetMask: new Float32Array(batchSize),
    live: new Float32Array(batchSize),
    session: new Float64Array(batchSize).fill(-1),
    history,
    context: new Int32Array(batchSize * contextWidth).fill(-1),
    targetContext: new Int32Array(batchSize * contextWidth).fill(-1),
    liveSlots: 0,
    step: 0,
  };
}

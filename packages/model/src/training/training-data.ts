import type { SessionArrays, SessionBlock, SessionBlocks } from '@gru4rec/batcher';
import type { ItemIds } from '@gru4rec/item-ids';

/** Sessions in memory. */
export interface SessionsInMemory extends SessionArrays {
  /** Time of each session's first event, any unit. */
  readonly sessionStartTimes: Float64Array;
  /** How they are cut into the blocks that `sessionOrder: "shuffled"` is made of; not given: they are one block. */
  readonly blocks?: readonly Pick<SessionBlock, 'sessions'>[];
  /** Names them, as the SHA-256 of their file does; not given: the arrays are hashed where a name is needed. */
  readonly checksum?: string;
}

/** Sessions that are read while training goes on; the model has the same bits as of the same sessions in memory. */
export interface SessionsOnDisk extends SessionBlocks {
  /** Names them, as the SHA-256 of their file does. */
  readonly checksum: string;
}

/** What training reads. A dataset of `sessions` has this shape, read or opened; so may anything else. */
export interface TrainingData {
  /** Caller's id of each item index. */
  readonly itemIds: ItemIds;
  /** Training events of each item index. */
  readonly support: Int32Array;
  readonly train: SessionsInMemory | SessionsOnDisk;
}

/** Whether sessions are read while training goes on. */
export function areOnDisk(train: TrainingData['train']): train is SessionsOnDisk {
  return 'read' in train;
}

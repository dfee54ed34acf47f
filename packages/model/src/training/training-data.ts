import type { SessionArrays, SessionBlock, SessionBlocks } from '@gru4rec/batcher';
import type { ItemIds } from '@gru4rec/item-ids';

/** Sessions in memory. */
export interface SessionsInMemory extends SessionArrays {
  /** Time of each session's first event, any unit. */
  readonly sessionStartTimes: Float64Array;
  /** The blocks that `sessionOrder: "shuffled"` shuffles; one block if not given. */
  readonly blocks?: readonly Pick<SessionBlock, 'sessions'>[];
  /** Identifies them, such as the SHA-256 of their file. If not given, the arrays are hashed when needed. */
  readonly checksum?: string;
}

/** Sessions that are read during training. The model has the bits of the same sessions in memory. */
export interface SessionsOnDisk extends SessionBlocks {
  /** Identifies them, such as the SHA-256 of their file. */
  readonly checksum: string;
}

/** The data of a training run. A dataset of the package `sessions`, read or opened, has this shape. */
export interface TrainingData {
  /** Caller's id of each item index. */
  readonly itemIds: ItemIds;
  /** [I] training events per item. */
  readonly support: Int32Array;
  readonly train: SessionsInMemory | SessionsOnDisk;
}

/** Whether sessions are read during training. */
export function areOnDisk(train: TrainingData['train']): train is SessionsOnDisk {
  return 'read' in train;
}

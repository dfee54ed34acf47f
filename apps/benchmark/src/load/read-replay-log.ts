import { readDataset } from '@gru4rec/sessions';
import type { ReplayLog } from './replay.ts';

/**
 * Reads the sessions to replay from a prepared dataset: those for testing, or else those for training.
 * @throws DataError naming the file that is missing, changed or foreign.
 */
export async function readReplayLog(directory: string): Promise<ReplayLog> {
  const { itemIds, test, train } = await readDataset(directory);
  const { sessionOffsets, items } = test ?? train;
  return { itemIds, sessionOffsets, items };
}

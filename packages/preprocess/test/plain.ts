import { readDataset, type SessionTable } from '@gru4rec/dataset';
import type { PlainDataset } from './oracle.ts';

export async function readPlain(directory: string): Promise<PlainDataset> {
  const dataset = await readDataset(directory);
  const plain = ({ sessionIds, sessionOffsets, items, times }: SessionTable) =>
    sessionIds.map((id, session) => {
      const [start, end] = [sessionOffsets[session], sessionOffsets[session + 1]];
      return {
        id,
        items: Array.from(items.subarray(start, end), (item) => dataset.itemIds.at(item) ?? ''),
        times: Array.from(times.subarray(start, end), Number),
      };
    });
  return {
    items: Array.from(dataset.itemIds, (id, item) => ({ id, support: dataset.support[item] })),
    splits: {
      train: plain(dataset.train),
      ...(dataset.validation && { validation: plain(dataset.validation) }),
      ...(dataset.test && { test: plain(dataset.test) }),
    },
  };
}

import type { SessionDataset } from '@gru4rec/dataset';
import { ItemIdTable } from '@gru4rec/dataset/ids';
import { train } from '@gru4rec/model';
import { createReferenceEngine } from '@gru4rec/program/interpreter';
import { expect, it } from 'vitest';
import { evaluateVisitors } from '../src/visitors.ts';

const engine = createReferenceEngine();

function table(sessions: Readonly<Record<string, readonly number[]>>) {
  const lists = Object.values(sessions);
  let end = 0;
  return {
    sessionIds: Object.keys(sessions),
    sessionOffsets: Int32Array.from([0, ...lists.map(({ length }) => (end += length))]),
    items: Int32Array.from(lists.flat()),
    times: BigInt64Array.from(lists.flat(), () => 0n),
    sessionStartTimes: Float64Array.from(lists, (_, at) => at),
  };
}

it('breaks down first clicks by visitor, beside earlier items followed by popular ones', async () => {
  const itemIds = ItemIdTable.of(['a', 'b', 'c', 'd']);
  // By clicks: a, b, c, d.
  const training = table({ 'u#1': [0, 3], 'v#1': [0, 1, 2], 'w#1': [0, 1], x: [0, 1, 2] });
  const test = table({ 'u#2': [3, 0], 'v#2': [3, 1], 'y#1': [1, 0], 'z#1': [3, 3] });
  const support = Int32Array.of(4, 3, 2, 1);
  const dataset = { itemIds, support, train: training, test } as Partial<SessionDataset> as SessionDataset;
  const config = { layers: [2], batchSize: 2, nSample: 2, nEpochs: 1 };
  const model = await train(dataset, config, { engine });
  const asked = { split: 'test', sessions: test, cutoff: 3 } as const;
  const groups = await evaluateVisitors(model, dataset, asked);
  expect(groups?.slice(0, 3)).toEqual([
    // d is the fourth of the popular items, and the last one that u clicked.
    {
      label: 'first, seen before',
      predictions: 1,
      recall: 0,
      mrr: 0,
      baseline: { recall: 1, mrr: 1 },
    },
    // v's earlier items c, b, a come before d.
    { label: 'first, not seen', predictions: 1, recall: 0, mrr: 0, baseline: { recall: 0, mrr: 0 } },
    {
      label: 'first of new visitors',
      predictions: 2,
      recall: 0.5,
      mrr: 0.25,
      baseline: { recall: 0.5, mrr: 0.25 },
    },
  ]);
  expect(groups?.[3]).toMatchObject({ label: 'later, returning', predictions: 2 });
  const others = { ...test, sessionIds: ['1', '2', '3', '4'] };
  expect(await evaluateVisitors(model, { ...dataset, test: others }, { ...asked, sessions: others })).toBe(
    undefined,
  );
});

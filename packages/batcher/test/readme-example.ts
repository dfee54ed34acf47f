import assert from 'node:assert/strict';
import { describeBlock, SessionParallelBatcher, StreamedBatcher } from '@gru4rec/batcher';

const batcher = new SessionParallelBatcher({
  sessionOffsets: Int32Array.of(0, 3, 5, 7), // three sessions: 10 11 12 | 20 21 | 30 31
  items: Int32Array.of(10, 11, 12, 20, 21, 30, 31),
  batchSize: 2,
  order: 'stored',
});

const steps: string[] = [];
for (let batch = batcher.next(); batch !== undefined; batch = batcher.next()) {
  steps.push(`${batch.input} -> ${batch.target} reset ${batch.resetMask}`);
}
assert.deepEqual(steps, ['10,20 -> 11,21 reset 1,1', '11,30 -> 12,31 reset 0,1']);

batcher.startEpoch(1);

// The same from two blocks that need not be in memory together.
const parts = [
  { sessionOffsets: Int32Array.of(0, 3, 5), items: Int32Array.of(10, 11, 12, 20, 21) },
  { sessionOffsets: Int32Array.of(0, 2), items: Int32Array.of(30, 31) },
];
const data = { blocks: parts.map(describeBlock), inTimeOrder: true, read: async (at: number) => parts[at] };
const streamed = new StreamedBatcher({ data, batchSize: 2, order: 'stored' });
await streamed.startEpoch(1);
for (;;) {
  await streamed.fill();
  const batch = streamed.next();
  assert.deepEqual(batch?.input, batcher.next()?.input);
  if (!batch) break;
}

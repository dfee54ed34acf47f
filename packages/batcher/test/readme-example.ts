import assert from 'node:assert/strict';
import { SessionParallelBatcher } from '@gru4rec/batcher';

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

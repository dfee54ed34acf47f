import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { readDataset } from '@gru4rec/dataset';
import { prepare } from '@gru4rec/preprocess';

const folder = mkdtempSync(join(tmpdir(), 'preprocess-'));
const log = join(folder, 'clicks.csv');
writeFileSync(
  log,
  `visitor,page,at
ann,shoe,2024-05-01T10:00:00Z
bob,shoe,2024-05-01T10:00:30Z
ann,sock,2024-05-01T10:01:00Z
bob,lace,2024-05-01T10:02:00Z
ann,lace,2024-05-01T11:30:00Z
`,
);

const { funnel } = await prepare({
  inputs: [log],
  output: join(folder, 'dataset'),
  userColumn: 'visitor', // split into sessions at pauses of more than 30 minutes
  itemColumn: 'page',
  timeColumn: 'at',
});
assert.deepEqual(
  funnel.map(({ step, events, sessions }) => `${step}: ${events} events, ${sessions ?? 'no'} sessions`),
  [
    'rows read: 5 events, no sessions',
    'users cut into sessions: 5 events, 3 sessions',
    'sessions of fewer than 2 events: 4 events, 2 sessions',
    'no split: 4 events, 2 sessions',
  ],
);

const { itemIds, train } = await readDataset(join(folder, 'dataset'));
assert.deepEqual(train.sessionIds, ['ann#1', 'bob#1']);
assert.deepEqual([...itemIds], ['shoe', 'sock', 'lace']);
rmSync(folder, { recursive: true });

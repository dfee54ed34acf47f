import assert from 'node:assert/strict';
import { generateShopLog, shopLogBatches } from '@gru4rec/synthetic';

const { sessionIds, itemIds, times } = generateShopLog({ events: 10_000, items: 500, seed: 42 });
assert.equal(itemIds.length, 10_000);
assert.ok(new Set(itemIds).size <= 500);
assert.ok(new Set(sessionIds).size > 1_500);
assert.ok(times.every((time, row) => row === 0 || time >= (times[row - 1] ?? 0)));

let rows = 0;
for (const batch of shopLogBatches({ events: 10_000, items: 500, seed: 42 })) rows += batch.times.length;
assert.equal(rows, 10_000);

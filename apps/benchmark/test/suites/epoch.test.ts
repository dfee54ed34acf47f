import { expect, it } from 'vitest';
import { epochRows } from '../../src/suites/epoch.ts';

it('trains like the peer in rows of different names', () => {
  for (const { config } of epochRows)
    expect([config.gru, config.sessionOrder, config.nEpochs]).toEqual(['reset-after', 'shuffled', 1]);
  expect(new Set(epochRows.map(({ name }) => name)).size).toBe(12);
});

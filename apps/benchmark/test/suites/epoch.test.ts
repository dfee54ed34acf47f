import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { runnersFolder } from '../../src/peers/peers.ts';
import { epochRows } from '../../src/suites/epoch.ts';

it('trains like the peer in rows of different names', () => {
  for (const { config } of epochRows)
    expect([config.gru, config.sessionOrder, config.nEpochs]).toEqual(['reset-after', 'shuffled', 1]);
  expect(new Set(epochRows.map(({ name }) => name)).size).toBe(12);
});

it('gives every setting that the runner of cornac reads', () => {
  const source = readFileSync(join(runnersFolder, 'cornac_gru4rec.py'), 'utf8');
  const shared = /^SHARED = "([^"]+)"/m.exec(source)?.[1] ?? '';
  const names = ['finalAct', ...shared.replace('\\\n', '').split(' ')];
  expect(names).toContain('logq');
  for (const { config } of epochRows) expect(Object.keys(config)).toEqual(expect.arrayContaining(names));
});

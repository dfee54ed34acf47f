import { cpSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { testFolder } from '@gru4rec/test-support/folder';
import { expect, it } from 'vitest';
import { parts } from '../../src/ci/parts.ts';
import { measureRound, ratioOf } from '../../src/ci/rounds.ts';

const before = testFolder();

it('sees that the other side does a 32nd of the work, and why it cannot run a row', async () => {
  const now = fileURLToPath(new URL('../../', import.meta.url));
  for (const name of ['src', 'package.json'])
    cpSync(join(now, name), join(before, name), { recursive: true });
  symlinkSync(join(now, 'node_modules'), join(before, 'node_modules'), 'junction');
  const file = join(before, 'src', 'ci', 'parts.ts');
  writeFileSync(file, readFileSync(file, 'utf8').replace('new Int32Array(2048)', 'new Int32Array(64)'));
  rmSync(join(before, 'src', 'event-log.ts'));
  const rows = parts.map(({ name }) => name).filter((name) => /^(sampler|batcher)/.test(name));
  const signal = new AbortController().signal;
  const round = await measureRound(rows, { now, before }, { sliceMs: 20, pairs: 6, signal });
  const [sampler, batcher] = rows.map((row) => round.get(row));
  expect(batcher).toEqual({ problem: expect.stringContaining('event-log.ts') });
  expect(ratioOf(sampler && 'pairs' in sampler ? sampler.pairs : [])).toBeGreaterThan(2);
});

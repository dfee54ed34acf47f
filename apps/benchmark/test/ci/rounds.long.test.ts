import { cpSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, expect, it } from 'vitest';
import { measureRound, ratioOf } from '../../src/ci/rounds.ts';
import { parts } from '../../src/parts/parts.ts';

const now = fileURLToPath(new URL('../../', import.meta.url));
const before = mkdtempSync(join(tmpdir(), 'benchmark-rounds-'));
cpSync(join(now, 'src'), join(before, 'src'), { recursive: true });
cpSync(join(now, 'package.json'), join(before, 'package.json'));
symlinkSync(join(now, 'node_modules'), join(before, 'node_modules'), 'junction');
afterAll(() => rmSync(before, { recursive: true }));

const [sampler = '', batcher = ''] = ['sampler', 'batcher'].map(
  (start) => parts.find(({ name }) => name.startsWith(start))?.name,
);
const signal = new AbortController().signal;
const round = () => measureRound([sampler, batcher], { now, before }, { sliceMs: 20, pairs: 6, signal });

it('measures rows in turns on both sides, with equal time for equal code', async () => {
  const found = await round();
  for (const row of [sampler, batcher]) {
    const measured = found.get(row);
    if (!measured || 'problem' in measured) throw new Error(`${row}: ${measured?.problem}`);
    expect(measured.pairs.length).toBe(6);
    // Not the promise about noise: only that both sides did the same work.
    expect(ratioOf(measured.pairs)).toBeGreaterThan(0.5);
    expect(ratioOf(measured.pairs)).toBeLessThan(2);
  }
});

it('says why the earlier commit cannot run a row, and measures the others', async () => {
  rmSync(join(before, 'src', 'event-log.ts'));
  const found = await round();
  expect(found.get(batcher)).toEqual({ problem: expect.stringContaining('event-log.ts') });
  expect(found.get(sampler)).toHaveProperty('pairs');
});

it('sees that the other side does half the work', async () => {
  const file = join(before, 'src', 'parts', 'parts.ts');
  writeFileSync(file, readFileSync(file, 'utf8').replace('new Int32Array(2048)', 'new Int32Array(1024)'));
  const measured = (await round()).get(sampler);
  if (!measured || 'problem' in measured) throw new Error(`${sampler}: ${measured?.problem}`);
  expect(ratioOf(measured.pairs)).toBeGreaterThan(1.4);
});

it('refuses a row that the current code cannot run', async () => {
  await expect(measureRound(['nothing'], { now, before }, { sliceMs: 20, pairs: 1, signal })).rejects.toThrow(
    'ci: nothing: Error: there is no row nothing',
  );
});

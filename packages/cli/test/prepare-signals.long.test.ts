import { once } from 'node:events';
import { readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { makeFolder, startTrainer } from './run-trainer.ts';

/** A second, plus a margin for machines that run other tests. */
const WITHIN_MS = 3000;

/** Starts `prepare` on `log` in the folder, and sends a signal when its progress matches `moment`. */
async function signalPrepare(folder: string, moment: RegExp, delayMs: number) {
  const options = ['--input', 'log', '--output', 'data', '--on-bad-row', 'skip', '--min-item-support', '2'];
  const child = startTrainer(folder, 'prepare', ...options);
  let stderr = '';
  let sentMs = 0;
  child.stderr?.on('data', (chunk) => {
    stderr += chunk;
    if (sentMs > 0 || !moment.test(stderr)) return;
    sentMs = performance.now() + delayMs;
    setTimeout(() => child.kill('SIGTERM'), delayMs);
  });
  const [code, signal] = await once(child, 'close');
  return { end: signal ?? code, tookMs: performance.now() - sentMs, stderr };
}

/** CSV rows with increasing times. */
const rows = (count: number) =>
  Array.from({ length: count }, (_, row) => `s${row >> 2},i${(row * 7919) % 99_991},${row}\n`).join('');
const logs = {
  'lines that open a quote': `a"b,"\n`.repeat(1_500_000),
  'lines of quotes': `${'a"b,"'.repeat(400_000)}\n`.repeat(16),
  'rows without a time': '1,2,never\n'.repeat(600_000),
  'a long log': rows(1_200_000),
};

describe('prepare', () => {
  it.each([
    ['lines that open a quote', /^read/m, 300],
    ['lines that open a quote', /^read/m, 1500],
    ['lines of quotes', /^read/m, 20],
    ['rows without a time', /^sort/m, 400],
    ['a long log', /^read/m, 200],
    ['a long log', /^sort/m, 100],
    ['a long log', /^filter/m, 20],
    ['a long log', /^write/m, 50],
  ] as const)(
    'ends soon after a signal and leaves nothing: %s, %s and %d ms',
    async (log, moment, delayMs) => {
      const folder = makeFolder();
      writeFileSync(join(folder, 'log'), `SessionId,ItemId,Time\n${logs[log]}1,2,3\n1,2,4\n`);
      const { end, tookMs, stderr } = await signalPrepare(folder, moment, delayMs);
      expect([143, 'SIGTERM'], stderr).toContain(end);
      expect(tookMs).toBeLessThan(WITHIN_MS);
      expect(readdirSync(folder)).toEqual(['log']);
    },
  );
});

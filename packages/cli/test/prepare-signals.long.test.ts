import { readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { makeFolder, watchTrainer } from './run-trainer.ts';

/** A second, plus a margin for machines that run other tests. */
const WITHIN_MS = 3000;

/** Starts `prepare` on `log` in the folder, and sends a signal when its progress matches `moment`. */
async function signalPrepare(folder: string, moment: RegExp, delayMs: number) {
  const line = 'prepare --input log --output data --on-bad-row skip --min-item-support 2';
  let sentMs = 0;
  const { code, stderr } = await watchTrainer(folder, line, (child, text) => {
    if (sentMs > 0 || !moment.test(text)) return;
    sentMs = performance.now() + delayMs;
    setTimeout(() => child.kill('SIGTERM'), delayMs);
  });
  return { code, tookMs: performance.now() - sentMs, stderr };
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
      const { code, tookMs, stderr } = await signalPrepare(folder, moment, delayMs);
      // Without a code, the signal killed it.
      expect([143, null], stderr).toContain(code);
      expect(tookMs).toBeLessThan(WITHIN_MS);
      expect(readdirSync(folder)).toEqual(['log']);
    },
  );
});

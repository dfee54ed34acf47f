import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, it } from 'vitest';

it('test-on runs a file of tests without Vitest’s server, and counts', () => {
  const folder = mkdtempSync(join(tmpdir(), 'gru4rec-test-on-toy-'));
  const file = join(folder, 'toy.test.ts');
  writeFileSync(
    file,
    `import { describe, expect, it } from 'vitest';
     describe('sums', () => {
       it.each([[1, 2], [2, 4]])('%i', (x: number, y: number) => { expect(x + x).toBe(y); });
       it('wrong', () => { expect(1 + 1).toBe(3); });
       it('elsewhere', (ctx) => ctx.skip('not here'));
     });`,
  );
  const script = fileURLToPath(new URL('../../scripts/test-on.mjs', import.meta.url));
  const run = (...options: string[]) => {
    const { status, stdout } = spawnSync(process.execPath, [script, ...options, file], { encoding: 'utf8' });
    return { status, lines: stdout.trimEnd().split('\n').slice(1) };
  };
  try {
    const all = run('--node', `${process.execPath} --no-warnings`);
    expect(all.status).toBe(1);
    expect(all.lines).toEqual([
      'FAILED sums › wrong: expected 2 to be 3 // Object.is equality',
      `2 passed, 1 failed, 1 skipped (${process.arch})`,
    ]);
    expect(run('--name', '\\d$').status).toBe(0);
    expect(run('--name', 'no such test').status).toBe(1);
  } finally {
    rmSync(folder, { recursive: true });
  }
});

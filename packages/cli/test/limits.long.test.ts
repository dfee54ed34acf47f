import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, openSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { describe, expect, it, type TestContext } from 'vitest';
import { contentsOf, fromSources, packageFolder } from './run-trainer.ts';
import { tinyTraining, trainTiny, useTinyShop } from './tiny-shop.ts';

const folder = useTinyShop();

interface Limits {
  /** Shell commands before the program, such as `ulimit`. */
  readonly before?: string;
  readonly flags?: readonly string[];
  readonly stdout?: number | 'ignore';
}

/** Runs the trainer in its own process with limits. */
async function runLimited(line: string, { before = '', flags = [], stdout = 'ignore' }: Limits) {
  const node = [process.execPath, ...flags, ...fromSources(), ...line.split(' ')];
  const child = spawn('/bin/sh', ['-c', `${before} exec "$@"`, 'sh', ...node], {
    cwd: packageFolder,
    env: { ...process.env, INIT_CWD: folder(), TSX_DISABLE_CACHE: '1' },
    stdio: ['ignore', stdout, 'pipe'],
  });
  const [stderr, [code]] = await Promise.all([child.stderr ? text(child.stderr) : '', once(child, 'close')]);
  return { code, stderr };
}

function openFull(ctx: TestContext): number {
  try {
    return openSync('/dev/full', 'w');
  } catch {
    return ctx.skip('no /dev/full on this system');
  }
}

describe('trainer', () => {
  it('reports in one line a result that cannot be written', async (ctx) => {
    const full = openFull(ctx);
    await trainTiny(folder(), 'model');
    const { code, stderr } = await runLimited('evaluate model --data data --no-baselines', { stdout: full });
    closeSync(full);
    expect(code).toBe(1);
    expect(stderr).toContain('Standard output cannot be written: ENOSPC: no space left on device, write\n');
    expect(stderr).not.toMatch(/^\s+at /m);
  });

  // Node reserves gibibytes of address space per WebAssembly memory: 40 GB is little.
  it('reports in one line that there is not enough memory, and leaves nothing', async (ctx) => {
    if (process.platform !== 'linux') ctx.skip('ulimit -v works only on Linux');
    const before = readdirSync(folder());
    const { code, stderr } = await runLimited(tinyTraining('unborn'), {
      before: 'ulimit -v 40000000 &&',
    });
    if (/^Node\.js v/m.test(stderr)) ctx.skip('Node itself does not start with so little address space');
    expect(code).toBe(1);
    expect(stderr.trimEnd().split('\n').at(-1)).toMatch(/^Too little memory: .*could not allocate memory/);
    expect(stderr).not.toMatch(/^\s+at /m);
    expect(readdirSync(folder())).toEqual(before);
  });

  it('keeps an older model when the runtime runs out of heap', async () => {
    await trainTiny(folder(), 'kept');
    const before = contentsOf(join(folder(), 'kept'));
    const limited = await runLimited(tinyTraining('kept', '--overwrite'), {
      flags: ['--max-old-space-size=12'],
    });
    expect(limited.code).not.toBe(0);
    expect(contentsOf(join(folder(), 'kept'))).toEqual(before);
    await trainTiny(folder(), 'kept', '--overwrite');
    expect(readdirSync(folder()).filter((name) => /^\.kept|^kept\./.test(name))).toEqual([]);
  });
});

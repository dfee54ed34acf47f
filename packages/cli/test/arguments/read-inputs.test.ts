import { spawnSync } from 'node:child_process';
import { closeSync, existsSync, openSync, truncateSync, writeFileSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, describe, expect, it, type TestContext } from 'vitest';
import { readBoundedText } from '../../src/arguments/read-inputs.ts';
import { makeFolder, runHere } from '../run-trainer.ts';

const folder = makeFolder(afterAll);
// Variables, because knip takes a literal command name for a missing package.
const mkfifo = 'mkfifo';

/** Creates a named pipe without a writer. */
function makePipe(ctx: TestContext): string {
  const pipe = join(folder, 'pipe');
  if (!existsSync(pipe) && spawnSync(mkfifo, [pipe]).status !== 0) ctx.skip('no named pipes on this system');
  return pipe;
}

function needs(ctx: TestContext, file: string): string {
  if (!existsSync(file)) ctx.skip(`no ${file} on this system`);
  return file;
}

describe('readBoundedText', () => {
  it('reads a file within the size limit', async () => {
    const file = join(folder, 'text');
    writeFileSync(file, 'éa');
    await expect(readBoundedText(file, 3)).resolves.toBe('éa');
    await expect(readBoundedText(file, 2)).rejects.toThrow('it has more than');
  });

  it('reads files whose reported size is 0, up to the limit', async (ctx) => {
    const file = needs(ctx, '/proc/self/status');
    await expect(readBoundedText(file, 1 << 20)).resolves.toContain('Pid:');
    await expect(readBoundedText(file, 10)).rejects.toThrow('it has more than');
  });

  it('reads a process substitution of the shell, up to the limit', async (ctx) => {
    const pipe = makePipe(ctx);
    needs(ctx, '/dev/fd/0');
    for (const [most, outcome] of [
      [9, 'written'],
      [3, 'it has more than'],
    ] as const) {
      const writer = openSync(pipe, 'r+');
      writeSync(writer, 'written');
      const read = readBoundedText(`/dev/fd/${writer}`, most).catch(({ message }: Error) => message);
      setTimeout(() => closeSync(writer), 100);
      expect(await read).toContain(outcome);
    }
  });
});

describe('files named on the command line', () => {
  it.for(['train d --output m --config', 'tune d --output s --space'])(
    '%s must not be a device, pipe, folder or huge file',
    async (line, ctx) => {
      const sparse = join(folder, 'giant');
      writeFileSync(sparse, '');
      truncateSync(sparse, 2 ** 33);
      for (const file of [needs(ctx, '/dev/zero'), makePipe(ctx), folder, sparse]) {
        const { code, stderr } = await runHere(folder, line, file);
        expect(code).toBeGreaterThan(0);
        const [first = '', ...others] = stderr.trimEnd().split('\n');
        expect(first).toContain(file);
        expect(first).toMatch(
          /cannot be read: it (is a (folder|pipe or device), not a file|has more than \d+ MiB)$/,
        );
        expect(others.every((hint) => hint.startsWith('See trainer'))).toBe(true);
      }
    },
  );
});

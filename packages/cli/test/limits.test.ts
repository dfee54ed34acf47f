import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { describe, expect, it, type TestContext } from 'vitest';
import { contentsOf, makeFolder, type Outcome, runHere } from './run-trainer.ts';
import { trainTiny, useTinyModel } from './tiny-shop.ts';

const folder = useTinyModel();
// A variable, because knip takes a literal command name for a missing package.
const [prlimit] = ['prlimit'] as const;

/** Does some work while this process's files are limited to `bytes`, like `ulimit -f`. */
async function withFileLimit<T>(ctx: TestContext, bytes: string, work: () => Promise<T>): Promise<T> {
  const limit = (soft: string) =>
    spawnSync(prlimit, ['--pid', String(process.pid), `--fsize=${soft}:`]).status;
  if (limit(bytes) !== 0) ctx.skip('prlimit sets no limits here');
  try {
    return await work();
  } finally {
    limit('unlimited');
  }
}

describe('trainer with a limit on the size of files', () => {
  const commands: [string, (output: string) => Promise<Outcome>, RegExp][] = [
    [
      'prepare',
      (output) => runHere(folder(), 'prepare', '--input', 'clicks.tsv', '--output', output, '--overwrite'),
      /EFBIG|too large/i,
    ],
    [
      'train',
      (output) => trainTiny(folder(), output, '--overwrite'),
      /cannot be written: EFBIG: file too large, write/,
    ],
    [
      'export',
      (output) => {
        const argv = ['model', '--format', 'safetensors', '--output', output, '--overwrite'];
        return runHere(folder(), 'export', ...argv);
      },
      /cannot be written: EFBIG: file too large, write/,
    ],
    [
      'demo',
      (output) => runHere(folder(), 'demo', '--directory', output, '--events', '3000'),
      /clicks\.tsv cannot be written: EFBIG: file too large, write/,
    ],
  ];

  it.for(commands)(
    '%s says so, leaves nothing, and keeps an older output until it can be replaced',
    async ([name, command, message], ctx) => {
      const place = makeFolder();
      const refused = await withFileLimit(ctx, '4096', () => command(join(place, 'new')));
      expect(refused).toMatchObject({ code: 1, stderr: expect.stringMatching(message) });
      expect(Object.values(contentsOf(place)).filter((content) => content !== null)).toEqual([]);
      if (name === 'demo') return;
      expect((await command(join(place, 'old'))).code).toBe(0);
      const before = contentsOf(place);
      expect((await withFileLimit(ctx, '4096', () => command(join(place, 'old')))).code).toBe(1);
      expect(contentsOf(place)).toEqual(before);
      expect((await command(join(place, 'old'))).code).toBe(0);
    },
  );
});

import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { describe, expect, it, type TestContext } from 'vitest';
import { contentsOf, makeFolder, runHere } from './run-trainer.ts';
import { tinyTraining, useTinyModel } from './tiny-shop.ts';

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
  const written = /cannot be written: EFBIG: file too large, write/;
  const commands: [string, (output: string) => string, RegExp][] = [
    ['prepare', (output) => `prepare --input clicks.tsv --output ${output} --overwrite`, /EFBIG|too large/i],
    ['train', (output) => tinyTraining(output, '--overwrite'), written],
    ['export', (output) => `export model --format safetensors --output ${output} --overwrite`, written],
    ['demo', (output) => `demo --directory ${output} --events 3000`, /clicks\.tsv cannot be written: EFBIG/],
  ];

  it.for(commands)(
    '%s says so, leaves nothing, and keeps an older output until it can be replaced',
    async ([name, lineFor, message], ctx) => {
      const place = makeFolder();
      const command = (output: string) => runHere(folder(), lineFor(join(place, output)));
      const refused = await withFileLimit(ctx, '4096', () => command('new'));
      expect(refused).toMatchObject({ code: 1, stderr: expect.stringMatching(message) });
      expect(Object.values(contentsOf(place)).filter((content) => content !== null)).toEqual([]);
      if (name === 'demo') return;
      expect((await command('old')).code).toBe(0);
      const before = contentsOf(place);
      expect((await withFileLimit(ctx, '4096', () => command('old'))).code).toBe(1);
      expect(contentsOf(place)).toEqual(before);
      expect((await command('old')).code).toBe(0);
    },
  );
});

import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { setTimeout } from 'node:timers/promises';
import { expect, it } from 'vitest';
import { startCi } from './start-ci.ts';

const repository = new URL('../../../../.git', import.meta.url);

it('leaves no tree behind when it is ended while it builds the earlier commit', async (ctx) => {
  if (!existsSync(repository)) ctx.skip('no git repository');
  if (process.platform === 'win32') ctx.skip('Windows ends a process without a signal');
  const { child, trees, written } = startCi('--against', 'HEAD');
  while (trees().length === 0) {
    if (child.exitCode !== null) throw new Error(written());
    await setTimeout(20);
  }
  await setTimeout(500);
  child.kill('SIGTERM');
  expect(await once(child, 'close')).toEqual([null, 'SIGTERM']);
  expect(trees()).toEqual([]);
});

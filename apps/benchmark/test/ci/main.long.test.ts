import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { expect, it } from 'vitest';
import { startCi } from './start-ci.ts';

it('passes the code compared with itself, and removes the tree of the earlier commit', async (ctx) => {
  if (!existsSync(new URL('../../../../.git', import.meta.url))) ctx.skip('no git repository');
  const { child, trees, written } = startCi('--against', 'HEAD');
  const [status] = await once(child, 'close');
  expect(status, written()).toBe(0);
  expect(written().match(/ not slower \|$/gm)?.length).toBe(9);
  expect(trees()).toEqual([]);
}, 900_000);

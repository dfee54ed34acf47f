import { cpSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { makeFolder, spawnTrainer } from './run-trainer.ts';
import { useTinyShop } from './tiny-shop.ts';

const shop = useTinyShop('--validation-days', '2');
const page = readFileSync(new URL('../../../docs/evaluate.md', import.meta.url), 'utf8');
const [, chapter = ''] = page.split('## Your own recommender');
const [, program = ''] = /```js\n(.*?)```/s.exec(chapter) ?? [];
const [, command = ''] = /```sh\nnpx gru4rec (.*?)\n```/s.exec(chapter) ?? [];

it('docs/evaluate.md shows a module that reports on a recommender of one’s own beside baselines', async () => {
  const folder = makeFolder();
  mkdirSync(folder, { recursive: true });
  cpSync(join(shop(), 'data'), join(folder, 'data'), { recursive: true });
  const [, first = '', second = ''] = readFileSync(join(shop(), 'clicks.tsv'), 'utf8')
    .split('\n')
    .map((line) => line.split('\t')[1] ?? '');
  const lists = JSON.stringify({ [first]: [second, 'not sold any more'] });
  writeFileSync(
    join(folder, 'mine.mjs'),
    program.replace("'lists.json'", JSON.stringify(join(folder, 'lists.json'))),
  );
  writeFileSync(join(folder, 'lists.json'), lists);
  const { code, stderr } = await spawnTrainer(folder, ...command.split(' '));
  expect(code, stderr).toBe(0);
  const html = readFileSync(join(folder, 'report', 'report.html'), 'utf8');
  for (const name of ['mine', 'SR', 'VSTAN', 'mine + SR']) expect(html).toContain(`>${name}<`);
});

import { cpSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { makeFolder, spawnTrainer } from './run-trainer.ts';
import { useTinyShop } from './tiny-shop.ts';

const shop = useTinyShop('--validation', '2d');
const page = readFileSync(new URL('../../../docs/evaluate.md', import.meta.url), 'utf8');
const [, chapter = ''] = page.split('## Your own recommender and metric');
const fenced = (language: string) =>
  [...chapter.matchAll(new RegExp(`\`\`\`${language}\\n(.*?)\`\`\``, 'gs'))].map(([, text = '']) => text);
const [program = '', metric = ''] = fenced('js');
const commands = fenced('sh').map((text) => text.trim().split(' ').slice(2));

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
  writeFileSync(join(folder, 'hit.mjs'), metric);
  const ran = await Promise.all(commands.map((command) => spawnTrainer(folder, ...command)));
  expect(ran.map(({ code, stderr }) => (code === 0 ? code : stderr))).toEqual([0, 0]);
  expect(ran[1]?.stdout).toContain('first@20');
  const html = readFileSync(join(folder, 'report', 'report.html'), 'utf8');
  for (const name of ['mine', 'SR', 'VSTAN', 'mine + SR']) expect(html).toContain(`>${name}<`);
});

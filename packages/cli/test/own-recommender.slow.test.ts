import { execFileSync } from 'node:child_process';
import { cpSync, mkdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { expect, it } from 'vitest';
import { makeFolder } from './run-trainer.ts';
import { useTinyShop } from './tiny-shop.ts';

const shop = useTinyShop();

it('docs/evaluate.md shows a program that reports on a recommender of one’s own beside baselines', () => {
  const page = readFileSync(new URL('../../../docs/evaluate.md', import.meta.url), 'utf8');
  const [, program = ''] = /```js\n(.*?)```/s.exec(page) ?? [];
  const folder = makeFolder();
  cpSync(join(shop(), 'data'), join(folder, 'data'), { recursive: true });
  mkdirSync(join(folder, 'node_modules'));
  const packages = fileURLToPath(new URL('../node_modules/@gru4rec', import.meta.url));
  symlinkSync(packages, join(folder, 'node_modules', '@gru4rec'), 'junction');
  writeFileSync(join(folder, 'report.mjs'), program);
  const [, first = '', second = ''] = readFileSync(join(shop(), 'clicks.tsv'), 'utf8')
    .split('\n')
    .map((line) => line.split('\t')[1] ?? '');
  writeFileSync(join(folder, 'lists.json'), JSON.stringify({ [first]: [second, 'not sold any more'] }));
  const tsx = pathToFileURL(createRequire(import.meta.url).resolve('tsx')).href;
  const flags = ['--import', tsx, '--conditions=@gru4rec/source', 'report.mjs'];
  execFileSync(process.execPath, flags, { cwd: folder, stdio: 'pipe' });
  const html = readFileSync(join(folder, 'report.html'), 'utf8');
  for (const name of ['today', 'SR', 'VSTAN']) expect(html).toMatch(new RegExp(`>${name}<`));
});

import { execFileSync } from 'node:child_process';
import { cpSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { writeShopLog } from '@gru4rec/synthetic';
import { describe, expect, it } from 'vitest';
import { makeFolder, ok, spawnTrainer } from './run-trainer.ts';
import { ServerProcess } from './serving/server-process.ts';
import { useTinyModel } from './tiny-shop.ts';

const shop = useTinyModel('--validation 2d');
const read = (path: string) => readFileSync(new URL(`../../../${path}`, import.meta.url), 'utf8');

it('runs the commands of the README’s section "Train on your own clicks", one after the other', async () => {
  const [, section = ''] = /## Train on your own clicks\n.*?```sh\n(.*?)```/s.exec(read('README.md')) ?? [];
  const commands = section.trim().split('\n');
  expect(commands).toHaveLength(4);
  const folder = makeFolder();
  await writeShopLog(join(folder, 'clicks.csv'), { events: 4000, items: 60, days: 10, seed: 1 });
  for (const line of commands) await ok(folder, line.replace('npx gru4rec ', ''));
});

/** An item of the training data. */
const anItem = () => readFileSync(join(shop(), 'clicks.tsv'), 'utf8').split('\n')[1]?.split('\t')[1] ?? '';

describe.each(['README.md', 'docs/serving.md'])('%s', (document) => {
  it('shows a request that curl sends and the server answers', async () => {
    const commands = read(document).match(/^curl .*\/v1\/.*$/gm) ?? [];
    expect(commands.length).toBeGreaterThan(0);
    const server = await ServerProcess.start(shop(), 'model');
    for (const command of commands.filter((line) => line.includes('127.0.0.1:8080/v1/sessions'))) {
      const here = command
        .replace('http://127.0.0.1:8080', server.url)
        .replace(/(?<="item": ")\d+/, anItem());
      const answer = JSON.parse(execFileSync('sh', ['-c', `${here} --silent`], { encoding: 'utf8' }));
      expect(answer).toMatchObject({ model: 'model', unknown: [], fallback: false });
      expect(answer.items).toHaveLength(5);
    }
  });
});

it('docs/evaluate.md shows a module that reports on a recommender of one’s own beside baselines', async () => {
  const [, chapter = ''] = read('docs/evaluate.md').split('## Your own recommender and metric');
  const fenced = (language: string) =>
    [...chapter.matchAll(new RegExp(`\`\`\`${language}\\n(.*?)\`\`\``, 'gs'))].map(([, text = '']) => text);
  const [program = '', metric = ''] = fenced('js');
  const commands = fenced('sh').map((text) => text.trim().replace('npx gru4rec ', ''));
  const folder = makeFolder();
  cpSync(join(shop(), 'data'), join(folder, 'data'), { recursive: true });
  const [, first = '', second = ''] = readFileSync(join(shop(), 'clicks.tsv'), 'utf8')
    .split('\n')
    .map((line) => line.split('\t')[1] ?? '');
  const lists = JSON.stringify({ [first]: [second, 'not sold any more'] });
  writeFileSync(
    join(folder, 'mine.mjs'),
    program.replace("'lists.json'", JSON.stringify(join(folder, 'lists.json'))),
  );
  writeFileSync(join(folder, 'gru4rec.json'), '{}');
  writeFileSync(join(folder, 'lists.json'), lists);
  writeFileSync(join(folder, 'hit.mjs'), metric);
  const ran = await Promise.all(commands.map((command) => spawnTrainer(folder, command)));
  expect(ran.map(({ code, stderr }) => (code === 0 ? code : stderr))).toEqual([0, 0]);
  expect(ran[1]?.stdout).toContain('first@20');
  const html = readFileSync(join(folder, 'report', 'report.html'), 'utf8');
  for (const name of ['mine', 'SR', 'VSTAN']) expect(html).toContain(`>${name}<`);
});

import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { trainTiny, useTinyShop } from '../tiny-shop.ts';
import { ServerProcess } from './server-process.ts';

const folder = useTinyShop();
beforeAll(async () => {
  await trainTiny(folder(), 'model');
});

const read = (path: string) => readFileSync(new URL(`../../../../${path}`, import.meta.url), 'utf8');

/** An item of the training data. */
const anItem = () => readFileSync(join(folder(), 'clicks.tsv'), 'utf8').split('\n')[1]?.split('\t')[1] ?? '';

describe.each(['README.md', 'docs/serving.md'])('%s', (document) => {
  it('shows a request that curl sends and the server answers', async () => {
    const commands = read(document).match(/^curl .*\/v1\/.*$/gm) ?? [];
    expect(commands.length).toBeGreaterThan(0);
    const server = await ServerProcess.start(folder(), 'model');
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

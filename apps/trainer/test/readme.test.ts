import { cpSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { makeFolder, runHere } from '../../../packages/cli/test/run-trainer.ts';
import { useTinyShop } from '../../../packages/cli/test/tiny-shop.ts';

const folder = useTinyShop();
const read = (path: string) => readFileSync(new URL(path, import.meta.url), 'utf8');

describe('README', () => {
  it('shows commands that run', async () => {
    const directory = makeFolder();
    for (const name of ['train.tsv', 'test.tsv']) cpSync(join(folder(), 'clicks.tsv'), join(directory, name));
    const [, block = ''] = /```sh\n([^`]+)```/.exec(read('../README.md')) ?? [];
    const itemId = read(join(directory, 'train.tsv')).split('\n')[1].split('\t')[1];
    for (const line of block.trim().split('\n')) {
      const argv = line.replaceAll('ID', itemId).split(' ').slice(2);
      const { code, stderr } = await runHere(directory, ...argv);
      expect(code, `${line}\n${stderr}`).toBe(0);
    }
  });
});

describe('README of the repository', () => {
  it('shows only valid command lines', async () => {
    const names = [...read('../../../README.md').matchAll(/^npx gru4rec ([a-z]+)/gm)].map(([, name]) => name);
    expect(new Set(names)).toEqual(new Set(['init', 'prepare', 'train', 'evaluate', 'serve', 'playground']));
    for (const name of names) expect((await runHere(folder(), name, '--help')).code).toBe(0);
  });
});

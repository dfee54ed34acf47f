import { spawnSync } from 'node:child_process';
import { cpSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { makeFolder, runHere } from '../../../packages/cli/test/run-trainer.ts';
import { useTinyShop } from '../../../packages/cli/test/tiny-shop.ts';

const folder = useTinyShop();
const read = (path: string) => readFileSync(new URL(path, import.meta.url), 'utf8');

describe('README', () => {
  it('shows commands that run', async () => {
    const directory = makeFolder();
    for (const name of ['train.tsv', 'test.tsv']) cpSync(join(folder(), 'clicks.tsv'), join(directory, name));
    cpSync(fileURLToPath(new URL('../../../configs', import.meta.url)), join(directory, 'configs'), {
      recursive: true,
    });
    const [, block = ''] = /```sh\n([^`]+)```/.exec(read('../README.md')) ?? [];
    const itemId = read(join(directory, 'train.tsv')).split('\n')[1].split('\t')[1];
    for (const line of block.trim().split('\n')) {
      const argv = line.replaceAll('ID', itemId).split(' ').slice(1);
      const { code, stderr } = await runHere(directory, ...argv);
      expect(code, `${line}\n${stderr}`).toBe(0);
    }
  });
});

describe('README of the repository', () => {
  it('shows a program that trains through the API', () => {
    const file = fileURLToPath(new URL('./from-code.ts', import.meta.url));
    expect(read('../../../README.md')).toContain(`\`\`\`ts\n${readFileSync(file, 'utf8')}\`\`\``);
    const tsx = createRequire(import.meta.url).resolve('tsx/cli');
    const { status, stdout, stderr } = spawnSync(
      process.execPath,
      [tsx, '--conditions=@gru4rec/source', file],
      { cwd: folder(), encoding: 'utf8' },
    );
    expect(status, stderr).toBe(0);
    expect(stdout.match(/^epoch \d: loss \d\.\d{3}, \d+ events\/s$/gm)).toHaveLength(5);
    expect(stdout).toContain('cutoff: 20');
    expect(stdout.match(/itemId: '\d{9}'/g)).toHaveLength(3);
  });

  it('shows only valid command lines', async () => {
    const names = [...read('../../../README.md').matchAll(/npm start -- (\w+)/g)].map(([, name]) => name);
    expect(new Set(names)).toEqual(
      new Set(['prepare', 'train', 'evaluate', 'recommend', 'compare', 'export', 'serve']),
    );
    for (const name of names) expect((await runHere(folder(), name, '--help')).code).toBe(0);
  });
});

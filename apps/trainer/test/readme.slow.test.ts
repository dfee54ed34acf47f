import { cpSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { makeFolder, ok } from '../../../packages/cli/test/run-trainer.ts';
import { useTinyShop } from '../../../packages/cli/test/tiny-shop.ts';

const folder = useTinyShop();

describe('README', () => {
  it('shows commands that run', async () => {
    const directory = makeFolder();
    for (const name of ['train.tsv', 'test.tsv']) cpSync(join(folder(), 'clicks.tsv'), join(directory, name));
    const readme = readFileSync(new URL('../README.md', import.meta.url), 'utf8');
    const [, block = ''] = /```sh\n([^`]+)```/.exec(readme) ?? [];
    const [, itemId = ''] = /^\d+\t(\d+)/m.exec(readFileSync(join(directory, 'train.tsv'), 'utf8')) ?? [];
    const lines = block.trim().split('\n');
    expect(lines.length).toBeGreaterThan(3);
    for (const line of lines) await ok(directory, line.replaceAll('ID', itemId).replace(/^\S+ \S+ /, ''));
  });
});

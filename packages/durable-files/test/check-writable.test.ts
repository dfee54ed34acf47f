import { mkdirSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { checkWritable } from '../src/index.ts';
import { testFolder } from './folder.ts';

describe('checkWritable', () => {
  it('leaves nothing, even if the folder does not exist yet', async () => {
    const folder = testFolder();
    await checkWritable(join(folder, 'a', 'b'));
    expect(readdirSync(folder)).toEqual([]);
  });

  it('removes the probe of a killed process, but no folder with content', async () => {
    const folder = testFolder();
    mkdirSync(join(folder, '.gru4rec-abc123'));
    mkdirSync(join(folder, '.gru4rec-thesis'));
    writeFileSync(join(folder, '.gru4rec-thesis', 'text'), '');
    mkdirSync(join(folder, '.gru4rec-cache'));
    await checkWritable(folder);
    expect(readdirSync(folder).sort()).toEqual(['.gru4rec-cache', '.gru4rec-thesis']);
  });

  it('passes for many at once, which take each other’s for leftovers', async () => {
    const folder = testFolder();
    await Promise.all(Array.from({ length: 30 }, () => checkWritable(folder)));
    expect(readdirSync(folder)).toEqual([]);
  });

  it('throws the error of the system', async () => {
    const file = join(testFolder(), 'file');
    writeFileSync(file, '');
    await expect(checkWritable(join(file, 'below'))).rejects.toMatchObject({ code: 'ENOTDIR' });
  });
});

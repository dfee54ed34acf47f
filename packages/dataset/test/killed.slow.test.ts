import { spawnSync } from 'node:child_process';
import { existsSync, readdirSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { basename, join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { testFolder } from '@gru4rec/test-support/folder';
import { describe, expect, it } from 'vitest';
import { readDataset, replaceDataset, writeDataset } from '../src/index.ts';
import { sourceOf } from './table.ts';

const folder = testFolder();
const tsx = pathToFileURL(createRequire(import.meta.url).resolve('tsx')).href;
const program = fileURLToPath(new URL('killed-program.ts', import.meta.url));
let count = 0;

/** Kills an overwrite before the n-th rename. @returns the folder of the older dataset, of one session. */
async function killed(rename: number): Promise<string> {
  const directory = join(folder, `kill-${count++}`, 'data');
  await writeDataset(directory, sourceOf([[0, 0]], 1));
  const flags = ['--import', tsx, '--conditions=@gru4rec/source'];
  const { signal, stderr } = spawnSync(process.execPath, [...flags, program, directory, String(rename)]);
  expect({ signal, stderr: String(stderr) }).toEqual({ signal: 'SIGKILL', stderr: '' });
  return directory;
}

const beside = (directory: string) => readdirSync(join(directory, '..')).filter((name) => name !== 'data');

describe('replaceDataset, killed', () => {
  it.each([
    [0, 'while it writes'],
    [1, 'before anything is renamed'],
    [2, 'before the old dataset is moved away'],
  ])('keeps the old dataset before rename %d (%s)', async (rename) => {
    const directory = await killed(rename);
    expect((await readDataset(directory)).itemIds.slice()).toEqual(['i0']);
    expect(beside(directory)).toHaveLength(1);
    await writeDataset(directory, sourceOf([[0, 1, 2]], 3), { overwrite: true });
    expect((await readDataset(directory)).itemIds.slice()).toEqual(['i0', 'i1', 'i2']);
    expect(beside(directory)).toEqual([]);
  });

  it('between its two renames is completed by the next reader, with the new dataset', async () => {
    const directory = await killed(3);
    expect(existsSync(directory)).toBe(false);
    expect((await readDataset(directory)).itemIds.slice()).toEqual(['i0', 'i1']);
    await writeDataset(directory, sourceOf([[0, 0]], 1), { overwrite: true });
    expect(beside(directory)).toEqual([]);
  });

  it('between its two renames is completed by the next writer, which then finds a dataset', async () => {
    const directory = await killed(3);
    await expect(writeDataset(directory, sourceOf([[0, 0]], 1))).rejects.toThrow('got a session dataset');
    expect((await readDataset(directory)).itemIds.slice()).toEqual(['i0', 'i1']);
    expect(beside(directory)).toEqual([]);
  });
});

describe('replaceDataset', () => {
  it('does not remove files that this process is writing', async () => {
    const target = join(folder, 'twice', 'data');
    await replaceDataset(target, { overwrite: true }, async (outer) => {
      await writeDataset(target, sourceOf([[0, 0]], 1));
      expect(existsSync(outer)).toBe(true);
      await writeDataset(join(folder, 'other'), sourceOf([[0, 0]], 1));
      writeFileSync(join(outer, 'dataset.json'), '{"format":"gru4rec-sessions"}');
    });
    expect(readdirSync(join(folder, 'twice'))).toEqual([basename(target)]);
  });
});

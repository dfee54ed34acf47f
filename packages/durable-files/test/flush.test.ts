import fs, { fstatSync, readdirSync, statSync, writeFileSync } from 'node:fs';
import { syncBuiltinESMExports } from 'node:module';
import { join } from 'node:path';
import { expect, it, onTestFinished, vi } from 'vitest';
import { checkWritable, lockOutput, makeFolder, replaceFile } from '../src/index.ts';
import { testFolder } from './folder.ts';

it('checkWritable passes for a folder that does not exist yet, makes none, and throws the error of the system', async () => {
  const folder = testFolder();
  await checkWritable(join(folder, 'a', 'b'));
  expect(readdirSync(folder)).toEqual([]);
  writeFileSync(join(folder, 'file'), '');
  await expect(checkWritable(join(folder, 'file', 'below'))).rejects.toMatchObject({ code: 'ENOTDIR' });
});

it.each([
  ['makeFolder', (folder: string) => makeFolder(join(folder, 'a', 'b'))],
  ['lockOutput', (folder: string) => lockOutput(join(folder, 'a', 'b', 'c'), 'test')()],
  ['replaceFile', (folder: string) => replaceFile(join(folder, 'a', 'b', 'c'), [])],
])('%s flushes the names of the folders that it makes', async (_, make) => {
  const folder = testFolder();
  const flushed: number[] = [];
  vi.spyOn(fs, 'fsyncSync').mockImplementation((descriptor) => void flushed.push(fstatSync(descriptor).ino));
  syncBuiltinESMExports();
  onTestFinished(() => {
    vi.restoreAllMocks();
    syncBuiltinESMExports();
  });
  await make(folder);
  expect(flushed).toEqual([join(folder, 'a'), folder].map((path) => statSync(path).ino));
  await make(folder);
  expect(flushed).toHaveLength(2);
});

import { readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { checkWritable } from '../src/index.ts';
import { testFolder } from './folder.ts';

it('checkWritable passes for a folder that does not exist yet, makes none, and throws the error of the system', async () => {
  const folder = testFolder();
  await checkWritable(join(folder, 'a', 'b'));
  expect(readdirSync(folder)).toEqual([]);
  writeFileSync(join(folder, 'file'), '');
  await expect(checkWritable(join(folder, 'file', 'below'))).rejects.toMatchObject({ code: 'ENOTDIR' });
});

import { mkdirSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { checkOutputFile } from '../../src/arguments/check-output-file.ts';
import { makeFolder } from '../run-trainer.ts';

describe('checkOutputFile', () => {
  it('takes a file that is not there, in folders that are not there', async () => {
    await expect(checkOutputFile(join(makeFolder(), 'a/b/shop.onnx'), false)).resolves.toBeUndefined();
  });

  it('takes a file that is there only to overwrite it', async () => {
    const file = join(makeFolder(), 'shop.onnx');
    writeFileSync(file, '');
    await expect(checkOutputFile(file, true)).resolves.toBeUndefined();
    await expect(checkOutputFile(file, false)).rejects.toThrow(
      `The output ${file} is there already. Name another file, or add --overwrite`,
    );
  });

  it('removes what a killed run left beside the file and of its look at the folder', async () => {
    const folder = makeFolder();
    mkdirSync(join(folder, '.shop.work-aaaaaa', 'whole'), { recursive: true });
    writeFileSync(join(folder, '.shop.work-aaaaaa', 'lock'), '');
    mkdirSync(join(folder, '.gru4rec-aaaaaa'));
    await checkOutputFile(join(folder, 'shop'), false);
    expect(readdirSync(folder)).toEqual([]);
  });

  it('refuses a folder, and a place below a file', async () => {
    const folder = makeFolder();
    mkdirSync(join(folder, 'taken'));
    writeFileSync(join(folder, 'file'), '');
    await expect(checkOutputFile(join(folder, 'taken'), true)).rejects.toThrow('is a folder. Name a file');
    await expect(checkOutputFile(join(folder, 'file/shop.onnx'), false)).rejects.toThrow(
      `Nothing can be written in ${join(folder, 'file')}`,
    );
  });
});

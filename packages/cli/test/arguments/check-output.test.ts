import { mkdirSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { checkOutputFile, checkOutputFolder } from '../../src/arguments/check-output.ts';
import { makeFolder } from '../run-trainer.ts';

describe('checkOutputFolder', () => {
  it('accepts a new folder, with missing parents too, and creates none', async () => {
    const folder = makeFolder();
    await checkOutputFolder(join(folder, 'a', 'b', 'model'), false);
    expect(readdirSync(folder)).toEqual([]);
  });

  it('accepts an empty folder', async () => {
    await expect(checkOutputFolder(makeFolder(), false)).resolves.toBeUndefined();
  });

  it('accepts a model only if it may be replaced', async () => {
    const folder = makeFolder();
    writeFileSync(join(folder, 'model.json'), '{}');
    await expect(checkOutputFolder(folder, true)).resolves.toBeUndefined();
    await expect(checkOutputFolder(folder, false)).rejects.toThrow(/holds a model already.*--overwrite/);
  });

  it('renames a model that a killed run wrote but did not rename', async () => {
    const folder = makeFolder();
    for (const part of ['whole', 'replaced'])
      mkdirSync(join(folder, '.m.work-aaaaaa', part), { recursive: true });
    writeFileSync(join(folder, '.m.work-aaaaaa', 'whole', 'model.json'), '{}');
    writeFileSync(join(folder, '.m.work-aaaaaa', 'lock'), '');
    await expect(checkOutputFolder(join(folder, 'm'), false)).rejects.toThrow('holds a model already');
    expect(readdirSync(folder)).toEqual(['m']);
  });

  it('refuses a folder of other files even if a model may be replaced', async () => {
    const folder = makeFolder();
    writeFileSync(join(folder, 'thesis.txt'), '');
    await expect(checkOutputFolder(folder, true)).rejects.toThrow('holds other files and no model');
  });

  it('refuses a file and a path below a file', async () => {
    const folder = makeFolder();
    mkdirSync(join(folder, 'a'));
    writeFileSync(join(folder, 'a', 'file'), '');
    await expect(checkOutputFolder(join(folder, 'a', 'file'), true)).rejects.toThrow(
      'is not a writable folder',
    );
    await expect(checkOutputFolder(join(folder, 'a', 'file', 'model'), true)).rejects.toThrow(
      'is not a writable folder',
    );
  });
});

describe('checkOutputFile', () => {
  it('accepts a missing file in missing folders', async () => {
    await expect(checkOutputFile(join(makeFolder(), 'a/b/shop.onnx'), false)).resolves.toBeUndefined();
  });

  it('accepts an existing file only to overwrite it', async () => {
    const file = join(makeFolder(), 'shop.onnx');
    writeFileSync(file, '');
    await expect(checkOutputFile(file, true)).resolves.toBeUndefined();
    await expect(checkOutputFile(file, false)).rejects.toThrow(
      `The output ${file} exists already. Name another file, or add --overwrite`,
    );
  });

  it('removes the temporary folders of a killed run', async () => {
    const folder = makeFolder();
    mkdirSync(join(folder, '.shop.work-aaaaaa', 'whole'), { recursive: true });
    writeFileSync(join(folder, '.shop.work-aaaaaa', 'lock'), '');
    mkdirSync(join(folder, '.gru4rec-aaaaaa'));
    await checkOutputFile(join(folder, 'shop'), false);
    expect(readdirSync(folder)).toEqual([]);
  });

  it('refuses a folder and a path below a file', async () => {
    const folder = makeFolder();
    mkdirSync(join(folder, 'taken'));
    writeFileSync(join(folder, 'file'), '');
    await expect(checkOutputFile(join(folder, 'taken'), true)).rejects.toThrow('is a folder. Name a file');
    await expect(checkOutputFile(join(folder, 'file/shop.onnx'), false)).rejects.toThrow(
      `The folder ${join(folder, 'file')}`,
    );
  });
});

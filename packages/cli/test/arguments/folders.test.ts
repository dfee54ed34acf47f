import { mkdirSync, readdirSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { lockOutput } from '@gru4rec/durable-files';
import { describe, expect, it, onTestFinished } from 'vitest';
import { checkOutputFile, checkOutputFolder, folderKind } from '../../src/arguments/folders.ts';
import { failing, makeFolder, ok } from '../run-trainer.ts';

describe('folderKind', () => {
  it.each([
    ['dataset.json', 'a dataset'],
    ['model.json', 'a model'],
    ['step-000000005', 'the checkpoints of a training run'],
    ['snapshot.json', 'a checkpoint of a training run'],
    ['study.jsonl', 'a study of tune'],
    ['report.json', 'a report of compare'],
    ['model.onnx', 'an ONNX model of export'],
    ['clicks.tsv', undefined],
  ])('recognises a folder with %s as %s', async (name, kind) => {
    const folder = makeFolder();
    writeFileSync(join(folder, name), '');
    expect(await folderKind(folder)).toBe(kind);
    expect(await folderKind(join(folder, name))).toBeUndefined();
  });
});

describe('checkOutputFolder', () => {
  it('accepts a new folder, with missing parents too, and creates none', async () => {
    const folder = makeFolder();
    await checkOutputFolder(join(folder, 'a', 'b', 'model'), false);
    expect(readdirSync(folder)).toEqual([]);
  });

  it('accepts a model only if it may be replaced', async () => {
    const folder = makeFolder();
    writeFileSync(join(folder, 'model.json'), '{}');
    await checkOutputFolder(folder, true);
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
    const file = join(makeFolder(), 'file');
    writeFileSync(file, '');
    for (const output of [file, join(file, 'model')])
      await expect(checkOutputFolder(output, true)).rejects.toThrow('is not a writable folder');
  });
});

describe('checkOutputFile', () => {
  it('accepts a missing file in missing folders, and an existing one only to overwrite it', async () => {
    const folder = makeFolder();
    await checkOutputFile(join(folder, 'a/b/shop.onnx'), false);
    const file = join(folder, 'shop.onnx');
    writeFileSync(file, '');
    await checkOutputFile(file, true);
    await expect(checkOutputFile(file, false)).rejects.toThrow(
      `The output ${file} exists already. Name another file, or add --overwrite`,
    );
  });

  it('refuses a folder and a path below a file, and removes what a killed run left', async () => {
    const folder = makeFolder();
    mkdirSync(join(folder, '.taken.work-aaaaaa'));
    writeFileSync(join(folder, '.taken.work-aaaaaa', 'lock'), '');
    mkdirSync(join(folder, 'taken'));
    writeFileSync(join(folder, 'file'), '');
    await expect(checkOutputFile(join(folder, 'taken'), true)).rejects.toThrow('is a folder. Name a file');
    expect(readdirSync(folder)).toEqual(['file', 'taken']);
    await expect(checkOutputFile(join(folder, 'file/shop.onnx'), false)).rejects.toThrow(
      `The folder ${join(folder, 'file')}`,
    );
  });
});

describe('trainer prepare', () => {
  it('refuses an output that another run is writing, with exit code 1, and does not touch it', async () => {
    const folder = folderWithLog();
    const unlock = lockOutput(join(folder, 'data'), 'prepare');
    expect(await failing(folder, command)).toMatch(
      /^The output .*data is being written by process \d+ \(prepare, since .*\)\. Wait for it to finish, or name another output\n$/,
    );
    unlock();
    await ok(folder, command);
    expect(readdirSync(folder).sort()).toEqual(['data', 'log.csv']);
  });
});

const fromPackage = new URL('../../../../packages/durable-files/src/index.ts', import.meta.url);
const native = createRequire(fromPackage)('fs-native-extensions') as { tryLock: () => boolean };
const command = 'prepare --input log.csv --output data';

function folderWithLog(): string {
  const folder = makeFolder();
  writeFileSync(join(folder, 'log.csv'), 'SessionId,ItemId,Time\n1,a,1\n1,b,2\n');
  return folder;
}

describe('where files cannot be locked', () => {
  it('what a killed run left is kept, with a warning', async () => {
    const folder = folderWithLog();
    const { tryLock } = native;
    native.tryLock = () => {
      throw new Error('ENOLCK: no locks available');
    };
    onTestFinished(() => {
      native.tryLock = tryLock;
    });
    mkdirSync(join(folder, '.data.work-aaaaaa'));
    writeFileSync(join(folder, '.data.work-aaaaaa', 'lock'), '');
    expect((await ok(folder, command)).stderr).toContain(
      `Warning: files beside ${join(folder, 'data')} cannot be locked (ENOLCK: no locks available): a second run could write it at the same time`,
    );
    expect(readdirSync(folder).sort()).toEqual(['.data.work-aaaaaa', 'data', 'log.csv']);
  });
});

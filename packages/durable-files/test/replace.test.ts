import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { createFile, DurableError, followPointer, pointTo, replaceFile, writeFolder } from '../src/index.ts';
import { bytesOf, testFolder } from './folder.ts';

describe('replaceFile', () => {
  it('writes a file in chunks, creates its folder and replaces an old file', async () => {
    const folder = testFolder();
    const file = join(folder, 'new', 'a');
    await replaceFile(file, [bytesOf('old')]);
    await replaceFile(file, [bytesOf('one '), bytesOf('two')]);
    expect(readFileSync(file, 'utf8')).toBe('one two');
    expect(readdirSync(join(folder, 'new'))).toEqual(['a']);
  });

  it('leaves the old file unchanged, and nothing half-written, if the new one fails', async () => {
    const folder = testFolder();
    const file = join(folder, 'a');
    writeFileSync(file, 'old');
    const failing = function* () {
      yield bytesOf('half');
      throw new Error('no more');
    };
    const error = await replaceFile(file, failing()).catch((cause: unknown) => cause);
    expect(error).toBeInstanceOf(DurableError);
    expect(error).toMatchObject({ message: `${file} cannot be written`, cause: { message: 'no more' } });
    expect([readdirSync(folder), readFileSync(file, 'utf8')]).toEqual([['a'], 'old']);
  });

  it('names a file whose path is a folder', async () => {
    const folder = testFolder();
    const taken = join(folder, 'taken');
    mkdirSync(join(taken, 'in'), { recursive: true });
    await expect(replaceFile(taken, [bytesOf('x')])).rejects.toThrow(`${taken} cannot be written`);
    expect(readdirSync(folder)).toEqual(['taken']);
  });
});

describe('createFile', () => {
  it('publishes a file once it is complete, and removes temporary files', async () => {
    const folder = testFolder();
    const file = join(folder, 'study');
    const made = await createFile(file, async (path) => {
      writeFileSync(path, 'whole');
      writeFileSync(`${path}.wal`, 'log');
      expect(existsSync(file)).toBe(false);
    });
    expect([made, readdirSync(folder), readFileSync(file, 'utf8')]).toEqual([true, ['study'], 'whole']);
  });

  it('keeps the file of a faster process', async () => {
    const folder = testFolder();
    const file = join(folder, 'study');
    const make = async (path: string) => {
      writeFileSync(path, 'second');
      writeFileSync(file, 'first');
    };
    expect(await createFile(file, make)).toBe(false);
    expect([readdirSync(folder), readFileSync(file, 'utf8')]).toEqual([['study'], 'first']);
  });

  it('throws what `make` throws, and leaves nothing', async () => {
    const folder = testFolder();
    const failing = createFile(join(folder, 'study'), async (path) => {
      writeFileSync(path, 'half');
      throw new TypeError('no tables');
    });
    await expect(failing).rejects.toThrow(new TypeError('no tables'));
    expect(readdirSync(folder)).toEqual([]);
  });
});

/** Writes a folder of one file and its manifest. */
function write(directory: string, text: string): Promise<void> {
  const manifest = { name: 'list.json', make: (sums: object) => bytesOf(JSON.stringify(sums)) };
  return writeFolder(directory, { 'a.txt': [bytesOf(text)] }, manifest);
}

describe('writeFolder', () => {
  it('writes the files, then the manifest of their checksums', async () => {
    const root = testFolder();
    const target = join(root, 'deep', 'new');
    await write(target, 'abc');
    expect(readFileSync(join(target, 'a.txt'), 'utf8')).toBe('abc');
    expect(JSON.parse(readFileSync(join(target, 'list.json'), 'utf8'))).toEqual({
      // FIPS 180-2, appendix B.1.
      'a.txt': 'ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad',
    });
    expect(readdirSync(join(root, 'deep'))).toEqual(['new']);
  });

  it('refuses to replace a folder of other files, or a file', async () => {
    const root = testFolder();
    mkdirSync(join(root, 'thesis'));
    writeFileSync(join(root, 'thesis', 'text'), 'mine');
    await expect(write(join(root, 'thesis'), 'x')).rejects.toThrow('holds other files and no list.json');
    await expect(write(join(root, 'thesis', 'text'), 'x')).rejects.toThrow('is not a folder');
    expect(readdirSync(root, { recursive: true }).sort()).toEqual(['thesis', join('thesis', 'text')]);
  });

  it('finishes two concurrent writes, and keeps the content of one', async () => {
    const root = testFolder();
    const target = join(root, 'folder');
    await Promise.all([write(target, 'one'), write(target, 'two')]);
    expect(['one', 'two']).toContain(readFileSync(join(target, 'a.txt'), 'utf8'));
    expect(readdirSync(root)).toEqual(['folder']);
  });
});

it('pointTo names one folder after another, and leaves other paths as they are', async () => {
  const folder = testFolder();
  const file = join(folder, 'current');
  for (const name of ['2026-11-29T0200Z', '2026-11-30T0200Z']) {
    mkdirSync(join(folder, name));
    await pointTo(file, name);
    expect(followPointer(file)).toBe(join(folder, name));
  }
  expect(readFileSync(file, 'utf8')).toBe('2026-11-30T0200Z\n');
  expect(readdirSync(folder).sort()).toEqual(['2026-11-29T0200Z', '2026-11-30T0200Z', 'current']);
  expect(followPointer(folder)).toBe(folder);
  expect(followPointer(join(folder, 'none'))).toBe(join(folder, 'none'));
});

it.each(['../other\n', '..\n', '/etc\n', '\n', '{"model": 1}\n'])('refuses %j as a name', (text) => {
  const file = join(testFolder(), 'current');
  writeFileSync(file, text);
  expect(() => followPointer(file)).toThrow(/current expected the name of a folder beside it, got /);
});

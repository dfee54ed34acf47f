import {
  closeSync,
  existsSync,
  mkdirSync,
  openSync,
  readdirSync,
  readFileSync,
  rmdirSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { describe, expect, it, onTestFinished } from 'vitest';
import { tryLock } from '../src/file-lock.ts';
import { recover, replaceFolder } from '../src/index.ts';
import { startProgram, testFolder } from './folder.ts';

const native = createRequire(import.meta.url)('fs-native-extensions') as { tryLock: (fd: number) => boolean };

/** Creates a workspace as a killed process leaves it: with an unlocked lock file. */
function leave(path: string, inside: Readonly<Record<string, string>>): string {
  mkdirSync(path, { recursive: true });
  writeFileSync(join(path, 'lock'), '');
  for (const [part, text] of Object.entries(inside)) {
    mkdirSync(join(path, part));
    writeFileSync(join(path, part, 'text'), text);
  }
  return path;
}

/** Locks a workspace until the test ends. */
function lock(path: string): void {
  const descriptor = openSync(join(path, 'lock'), 'r+');
  onTestFinished(() => closeSync(descriptor));
  expect(tryLock(join(path, 'lock'), descriptor)).toEqual({ state: 'locked' });
}

/** Replaces the system's locks until the test ends. */
function replaceLocks(tryLock: () => boolean): void {
  const original = native.tryLock;
  native.tryLock = tryLock;
  onTestFinished(() => {
    native.tryLock = original;
  });
}

const textOf = (folder: string) => readFileSync(join(folder, 'text'), 'utf8');

describe('recover', () => {
  it('removes unlocked workspaces, and nothing else', async () => {
    const folder = testFolder();
    const target = join(folder, 'data');
    const kept = ['.data.work-inuse0', '.data.work-thesis', '.data-2.work-aaaaaa', '.data.work-toolong'];
    for (const name of kept)
      leave(join(folder, name), { [name.endsWith('thesis') ? 'thesis' : 'whole']: '' });
    lock(join(folder, '.data.work-inuse0'));
    symlinkSync(join(folder, '.data-2.work-aaaaaa'), join(folder, '.data.work-linked'));
    leave(join(folder, '.data.work-bbbbbb'), { whole: '', scratch: '', replaced: '' });
    leave(join(folder, '.data.work-cccccc'), {});
    mkdirSync(join(folder, '.data.work-dddddd'));
    mkdirSync(target);
    await recover(target);
    expect(readdirSync(folder).sort()).toEqual([...kept, '.data.work-linked', 'data'].sort());
  });

  it.each<[string, (work: string) => void]>([
    ['without a lock file that is not empty', (work) => mkdirSync(join(work, 'whole'), { recursive: true })],
    ['whose lock file cannot be opened', (work) => mkdirSync(join(work, 'lock'), { recursive: true })],
    ['of a live process', (work) => lock(leave(work, { whole: 'new', replaced: 'old' }))],
  ])('leaves a workspace %s', async (_, make) => {
    const folder = testFolder();
    make(join(folder, '.data.work-aaaaaa'));
    await recover(join(folder, 'data'));
    expect(readdirSync(folder)).toEqual(['.data.work-aaaaaa']);
  });

  it('restores neither a removed nor a half-built target', async () => {
    const folder = testFolder();
    leave(join(folder, '.data.work-aaaaaa'), { replaced: 'old' });
    leave(join(folder, '.data.work-bbbbbb'), { whole: 'half' });
    await recover(join(folder, 'data'));
    expect(readdirSync(folder)).toEqual([]);
  });

  it('finishes a replacement that was killed between its renames, in one of many concurrent calls', async () => {
    const folder = testFolder();
    const target = join(folder, 'data');
    leave(join(folder, '.data.work-aaaaaa'), { whole: 'new', replaced: 'old' });
    await Promise.all(Array.from({ length: 20 }, () => recover(target)));
    expect(textOf(target)).toBe('new');
    expect(readdirSync(folder)).toEqual(['data']);
  });
});

describe('where files cannot be locked', () => {
  const refuse = (): never => {
    throw Object.assign(new Error('ENOLCK'), { code: 'ENOLCK' });
  };
  const unable: [string, () => boolean][] = [
    ['the system refuses locks', refuse],
    ['it grants one lock twice', () => true],
  ];

  it.each(unable)('because %s, a folder is still replaced', async (_, tryLock) => {
    replaceLocks(tryLock);
    const folder = testFolder();
    const target = join(folder, 'data');
    for (const text of ['old', 'new']) {
      await replaceFolder(target, {}, async (whole) => {
        expect(readdirSync(folder).filter((name) => name.startsWith('.data.unlocked-'))).toHaveLength(1);
        writeFileSync(join(whole, 'text'), text);
      });
    }
    expect(textOf(target)).toBe('new');
    expect(readdirSync(folder)).toEqual(['data']);
  });

  it.each(unable)('because %s, workspaces stay', async (_, tryLock) => {
    replaceLocks(tryLock);
    const folder = testFolder();
    leave(join(folder, '.data.work-aaaaaa'), { whole: 'new', replaced: 'old' });
    mkdirSync(join(folder, '.data.unlocked-bbbbbb'));
    await recover(join(folder, 'data'));
    expect(readdirSync(folder).sort()).toEqual(['.data.unlocked-bbbbbb', '.data.work-aaaaaa']);
  });

  it('a workspace made without a lock stays, even if files can be locked now', async () => {
    const folder = testFolder();
    mkdirSync(join(folder, '.data.unlocked-aaaaaa'));
    leave(join(folder, '.data.work-bbbbbb'), {});
    await recover(join(folder, 'data'));
    expect(readdirSync(folder)).toEqual(['.data.unlocked-aaaaaa']);
  });
});

describe('replaceFolder', () => {
  const program = new URL('replace-program.ts', import.meta.url);

  it('leaves the workspace of a replacement of the same target in this process', async () => {
    const folder = testFolder();
    const target = join(folder, 'data');
    await replaceFolder(target, {}, async (outer) => {
      await replaceFolder(target, {}, async (whole) => writeFileSync(join(whole, 'text'), 'inner'));
      expect([textOf(target), existsSync(outer)]).toEqual(['inner', true]);
      writeFileSync(join(outer, 'text'), 'outer');
    });
    expect([textOf(target), readdirSync(folder)]).toEqual(['outer', ['data']]);
  });

  it('removes its workspace when the process exits', async () => {
    const folder = testFolder();
    const { ended, child } = startProgram(program, join(folder, 'data'), 'exit');
    expect(await Promise.all([ended, text(child.stderr)])).toEqual([3, '']);
    expect(readdirSync(folder)).toEqual([]);
  });

  it('leaves the workspace of another process, and removes it once that process is killed', async () => {
    const folder = testFolder();
    const target = join(folder, 'data');
    const { begun, kill } = startProgram(program, target, 'wait');
    await begun;
    await recover(target);
    expect(readdirSync(folder)).toHaveLength(1);
    await kill();
    await recover(target);
    expect(readdirSync(folder)).toEqual([]);
  });

  it('keeps its workspace while another process keeps cleaning up', async () => {
    const folder = testFolder();
    const target = join(folder, 'data');
    const { begun, kill } = startProgram(program, target, 'recover');
    await begun;
    for (let round = 0; round < 60; round++) {
      await replaceFolder(target, {}, async (whole) => writeFileSync(join(whole, 'text'), `${round}`));
      expect(textOf(target)).toBe(`${round}`);
    }
    await kill();
    await recover(target);
    expect(readdirSync(folder)).toEqual(['data']);
  });

  it('names a target beside which nothing can be created', async () => {
    const file = join(testFolder(), 'file');
    writeFileSync(file, '');
    await expect(replaceFolder(join(file, 'data'), {}, async () => {})).rejects.toMatchObject({
      name: 'DurableError',
      message: `${join(file, 'data')} cannot be written`,
    });
  });

  it('moves the old folder back if the new one cannot be renamed', async () => {
    const folder = testFolder();
    const target = join(folder, 'data');
    mkdirSync(target);
    writeFileSync(join(target, 'text'), 'old');
    const failing = replaceFolder(target, {}, async (whole) => {
      rmdirSync(whole);
      writeFileSync(whole, 'a file is no folder');
    });
    await expect(failing).rejects.toThrow();
    expect([textOf(target), readdirSync(folder)]).toEqual(['old', ['data']]);
  });
});

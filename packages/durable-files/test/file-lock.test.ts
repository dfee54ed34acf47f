import { existsSync, readdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { describe, expect, it } from 'vitest';
import { lockOutput } from '../src/index.ts';
import { startProgram, testFolder } from './folder.ts';

const start = (output: string) => startProgram(new URL('lock-program.ts', import.meta.url), output);

describe('lockOutput', () => {
  it('keeps a second run out until the first has ended, in one line that names it', async () => {
    const output = join(testFolder(), 'model');
    const { child, begun, ended } = start(output);
    await begun;
    const second = start(output);
    expect(await Promise.all([second.ended, text(second.child.stderr)])).toEqual([
      1,
      expect.stringMatching(
        new RegExp(
          `The output ${output} is being written by process ${child.pid} \\(train, since [-:.TZ0-9]+\\)\\. Wait for it to finish, or name another output`,
        ),
      ),
    ]);
    child.stdin.write('end\n');
    expect(await ended).toBe(0);
    expect(existsSync(join(output, '..', '.model.lock'))).toBe(false);
    lockOutput(output, 'train')();
  });

  it('releases the lock of a killed process', async () => {
    const output = join(testFolder(), 'model');
    const { child, begun, kill } = start(output);
    await begun;
    await kill();
    expect(JSON.parse(readFileSync(join(output, '..', '.model.lock'), 'utf8')).pid).toBe(child.pid);
    lockOutput(output, 'train')();
    expect(readdirSync(join(output, '..'))).toEqual([]);
  });

  it('locks each output by itself, in this process too', () => {
    const folder = testFolder();
    const unlock = lockOutput(join(folder, 'a'), 'train');
    expect(() => lockOutput(join(folder, 'a'), 'train')).toThrow(`process ${process.pid} (train, since`);
    lockOutput(join(folder, 'b'), 'train')();
    unlock();
    lockOutput(join(folder, 'a'), 'train')();
  });

  it('creates missing folders and removes the lock file when the process exits', () => {
    const folder = testFolder();
    const before = process.listenerCount('exit');
    lockOutput(join(folder, 'new', 'model'), 'train');
    expect(readdirSync(join(folder, 'new'))).toEqual(['.model.lock']);
    process.listeners('exit').at(-1)?.call(process, 130);
    expect(readdirSync(join(folder, 'new'))).toEqual([]);
    expect(process.listenerCount('exit')).toBe(before);
  });

  it('takes over an unlocked lock file with any content', () => {
    const folder = testFolder();
    writeFileSync(join(folder, '.model.lock'), `${'{"pid":1}'.padEnd(200)} torn`);
    const unlock = lockOutput(join(folder, 'model'), 'prepare');
    expect(JSON.parse(readFileSync(join(folder, '.model.lock'), 'utf8'))).toEqual({
      pid: process.pid,
      command: 'prepare',
      since: expect.stringMatching(/^\d{4}-\d\d-\d\dT/),
    });
    unlock();
  });

  it('says that an output cannot be locked, and follows no link', () => {
    const folder = testFolder();
    writeFileSync(join(folder, 'file'), 'mine');
    expect(() => lockOutput(join(folder, 'file', 'model'), 'train')).toThrow(
      `The output ${join(folder, 'file', 'model')} cannot be locked`,
    );
    symlinkSync(join(folder, 'file'), join(folder, '.linked.lock'));
    expect(() => lockOutput(join(folder, 'linked'), 'train')).toThrow('cannot be locked');
    expect(readFileSync(join(folder, 'file'), 'utf8')).toBe('mine');
  });
});

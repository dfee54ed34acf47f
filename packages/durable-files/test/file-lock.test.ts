import { type ChildProcess, spawn } from 'node:child_process';
import { existsSync, readdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { describe, expect, it, onTestFinished } from 'vitest';
import { lockOutput } from '../src/index.ts';
import { testFolder } from './folder.ts';

const tsx = pathToFileURL(createRequire(import.meta.url).resolve('tsx')).href;

/** Starts a process that locks a folder. */
function start(output: string): ChildProcess {
  const program = fileURLToPath(new URL('lock-program.ts', import.meta.url));
  const flags = ['--import', tsx, '--conditions=@gru4rec/source'];
  const child = spawn(process.execPath, [...flags, program, output], { stdio: 'pipe' });
  onTestFinished(() => void child.kill('SIGKILL'));
  return child;
}

/** Waits until a process holds the lock. */
async function locked(child: ChildProcess): Promise<void> {
  await new Promise<void>((resolve, reject) => {
    child.stdout?.once('data', () => resolve());
    child.once('close', (code) => reject(new Error(`ended with ${code} before it had the lock`)));
  });
}

const closed = (child: ChildProcess): Promise<number | null> =>
  new Promise((resolve) => child.on('close', resolve));

describe('lockOutput', () => {
  it('keeps a second run out until the first has ended, in one line that names it', async () => {
    const output = join(testFolder(), 'model');
    const first = start(output);
    await locked(first);
    const second = start(output);
    const [code, stderr] = await Promise.all([closed(second), text(second.stderr as NodeJS.ReadableStream)]);
    expect(code).toBe(1);
    expect(stderr).toMatch(
      new RegExp(
        `The output ${output} is being written by process ${first.pid} \\(train, since [-:.TZ0-9]+\\)\\. Wait for it to finish, or name another output`,
      ),
    );
    const ended = closed(first);
    first.stdin?.write('end\n');
    expect(await ended).toBe(0);
    expect(existsSync(join(output, '..', '.model.lock'))).toBe(false);
    lockOutput(output, 'train')();
  });

  it('releases the lock of a killed process', async () => {
    const output = join(testFolder(), 'model');
    const first = start(output);
    await locked(first);
    const ended = closed(first);
    first.kill('SIGKILL');
    await ended;
    expect(JSON.parse(readFileSync(join(output, '..', '.model.lock'), 'utf8'))).toMatchObject({
      pid: first.pid,
    });
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
    writeFileSync(
      join(folder, '.model.lock'),
      '{"pid":1,"command":"train","since":"2026-01-01T00:00:00.000Z"} torn',
    );
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

import { spawnSync } from 'node:child_process';
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { describe, expect, it, onTestFinished, type TestContext, vi } from 'vitest';
import { FileStore, type FileStoreOptions, UnreadableSession } from '../../src/index.ts';
import { testFolder } from '../tiny-server.ts';
import { openDatabase } from './file-database.ts';

const click = { item: 'a', timeMs: 1 };

async function openStore(directory: string, options: FileStoreOptions = {}): Promise<FileStore> {
  const store = await FileStore.open(directory, options);
  onTestFinished(() => store.close());
  return store;
}

/** Mounts a disk for a test. Skips the test with its reason if that is not possible. */
function smallDisk(ctx: TestContext, kibibytes: number): string {
  const disk = testFolder();
  const size = `size=${kibibytes}k,mode=0755`;
  const [mount, umount] = ['mount', 'umount'] as const;
  if (spawnSync(mount, ['-t', 'tmpfs', '-o', size, 'tmpfs', disk]).status !== 0) {
    ctx.skip('mounting a small disk takes Linux and root');
  }
  onTestFinished(() => void spawnSync(umount, [disk]));
  return disk;
}

describe('FileStore', () => {
  it('keeps sessions when it is opened again', async () => {
    const directory = join(testFolder(), 'a', 'b');
    const first = await FileStore.open(directory);
    await first.append('ann', { ...click, eventId: 'one' });
    await first.close();
    const second = await openStore(directory);
    expect((await second.read('ann'))?.clicks).toEqual([{ ...click, eventId: 'one' }]);
    expect(await second.append('ann', { ...click, eventId: 'one' })).toMatchObject({ repeated: true });
  });

  it('shares its folder with another store', async () => {
    const directory = testFolder();
    const [first, second] = [await openStore(directory), await openStore(directory)];
    await Promise.all([first.append('ann', click), second.append('ann', click)]);
    expect((await first.read('ann'))?.clicks).toHaveLength(2);
    expect(await second.delete('ann')).toBe(true);
    await setTimeout(10);
    expect(await first.read('ann')).toBeUndefined();
  });

  it('removes sessions that are over in the background, and no others', async () => {
    vi.useFakeTimers({ toFake: ['Date', 'setInterval', 'clearInterval'] });
    onTestFinished(() => void vi.useRealTimers());
    const store = await openStore(testFolder(), { maxAgeMs: 60_000, sync: 'interval' });
    const ids = Array.from({ length: 2500 }, (_, at) => String(at));
    await Promise.all(ids.map((id) => store.append(id, click)));
    vi.setSystemTime(Date.now() + 61_000);
    await Promise.all(ids.slice(0, 100).map((id) => store.append(id, click)));
    expect(store.size).toBe(2500);
    vi.advanceTimersByTime(1000);
    while (store.size === 2500) await setTimeout(5);
    await setTimeout(50);
    // One step looks at 1000 sessions.
    expect(store.size).toBeGreaterThanOrEqual(1500);
    while (store.size > 100) {
      vi.advanceTimersByTime(1000);
      await setTimeout(20);
    }
    expect(await store.read('99')).toBeDefined();
  });

  it.each([
    'x',
    '',
    '{}',
    'null',
    '[0]',
    '[0,{}]',
    '[0,[5]]',
    '[0,[[1]]]',
    '[0,[["1","a",null]]]',
    '[0,[[1,"a",2]]]',
    '["0",[]]',
  ])('sets a session with the value %j aside, says where, and starts it empty', async (value) => {
    const directory = testFolder();
    const store = await openStore(directory, { maxAgeMs: 60_000 });
    const { database, key } = openDatabase(directory);
    for (const id of ['ann', 'bob', 'cat']) await database.put(key(id), Buffer.from(value), Date.now());
    const error: Error = await store.append('ann', click).catch((reason) => reason);
    expect(error).toBeInstanceOf(UnreadableSession);
    const [, from, to] =
      /: the value of key (\w{64}) is no list of clicks, and is kept under (\w{64})$/.exec(error.message) ??
      [];
    expect(from).toBe(key('ann').toString('hex'));
    expect(database.get(Buffer.from(String(to), 'hex'))).toEqual(Buffer.from(value));
    expect((await store.append('ann', click)).session.clicks).toEqual([click]);
    await expect(store.read('bob')).rejects.toThrow(UnreadableSession);
    expect(await store.read('bob')).toBeUndefined();
    expect(store.size).toBe(4);
    for (const id of ['ann', 'cat']) expect(await store.delete(id)).toBe(true);
    expect(await store.delete('bob')).toBe(false);
    expect(store.size).toBe(0);
  });

  it('refuses a folder that it cannot use, in one line', async () => {
    const folder = testFolder();
    const file = join(folder, 'file');
    writeFileSync(file, 'text');
    await expect(FileStore.open(file)).rejects.toThrow(
      /^\S+file cannot keep sessions: EEXIST: file already exists/,
    );
  });

  it('says how to install lmdb where it is missing, and leaves nothing', () => {
    const directory = join(testFolder(), 'sessions');
    const program = fileURLToPath(new URL('./without-lmdb.mjs', import.meta.url));
    const words = ['--conditions=@gru4rec/source', program, directory];
    const { stdout, stderr } = spawnSync(process.execPath, words, { encoding: 'utf8' });
    expect(stdout, stderr).toBe(
      `${directory} cannot keep sessions: the package lmdb is not installed. Install it beside gru4rec: npm install lmdb@3`,
    );
    expect(existsSync(directory)).toBe(false);
  });

  it('refuses a database that is another file or truncated anywhere, in one line', async () => {
    const directory = testFolder();
    const store = await FileStore.open(directory);
    const ids = Array.from({ length: 300 }, (_, at) => String(at));
    await Promise.all(ids.map((id) => store.append(id, { ...click, item: 'x'.repeat(100) })));
    await store.close();
    const database = join(directory, 'data.mdb');
    const bytes = readFileSync(database);
    for (const length of [1, 100, 4096, 5000, 8192, 12_288, bytes.length - 4096, bytes.length - 1]) {
      writeFileSync(database, bytes.subarray(0, length));
      await expect(FileStore.open(directory)).rejects.toThrow(
        /^\S+ cannot keep sessions: data\.mdb is (not a database of sessions|truncated\. Remove the folder to start without sessions)$/,
      );
    }
    writeFileSync(database, Buffer.alloc(20_000, 7));
    await expect(FileStore.open(directory)).rejects.toThrow('data.mdb is not a database of sessions');
    writeFileSync(database, bytes);
    expect((await openStore(directory)).size).toBe(300);
  });

  it('refuses a full disk, and leaves nothing', async (ctx) => {
    const disk = smallDisk(ctx, 64);
    await expect(FileStore.open(disk)).rejects.toThrow(
      `${disk} cannot keep sessions: ENOSPC: no space left on device, write`,
    );
    expect(readdirSync(disk)).toEqual([]);
  });

  it('refuses a disk that cannot be written', async (ctx) => {
    const disk = smallDisk(ctx, 4096);
    const [mount] = ['mount'] as const;
    if (spawnSync(mount, ['-o', 'remount,ro', disk]).status !== 0) ctx.skip('the system remounts nothing');
    await expect(FileStore.open(disk)).rejects.toThrow(
      `${disk} cannot keep sessions: EROFS: read-only file system`,
    );
  });

  it('rejects clicks in one line while the disk is full, and takes them again afterwards', async (ctx) => {
    const disk = smallDisk(ctx, 4096);
    const store = await openStore(disk);
    await store.append('ann', click);
    writeFileSync(join(disk, 'filler'), Buffer.alloc(3_500_000, 1));
    await expect(store.append('bob', click)).rejects.toThrow(
      `${disk} cannot be written: less than 1048576 bytes are free`,
    );
    expect((await store.read('ann'))?.clicks).toHaveLength(1);
    writeFileSync(join(disk, 'filler'), '');
    await store.append('bob', click);
  });
});

import { mkdir, open, rm } from 'node:fs/promises';
import { join } from 'node:path';

/** Bytes that a new database and its lock file need, and more. */
const ROOM = 131_072;

/**
 * Loads LMDB. It takes 21 MB with its dependencies, so users install it only for sessions in a folder.
 * @throws Error that says how to install it, if it is not installed.
 */
export function loadLmdb(): Promise<typeof import('lmdb')> {
  return import('lmdb').catch((cause: NodeJS.ErrnoException) => {
    if (cause.code !== 'ERR_MODULE_NOT_FOUND') throw cause;
    // Without the cause, which would say the same in a longer line.
    throw new Error('the package lmdb is not installed. Install it beside gru4rec: npm install lmdb@3');
  });
}

/**
 * Writes and removes a file, because LMDB would end the process with SIGBUS if the disk had no room for its lock file.
 * The folder is created if it is missing.
 * @throws the system's error.
 */
export async function checkRoom(directory: string): Promise<void> {
  await mkdir(directory, { recursive: true });
  const probe = join(directory, '.room');
  const file = await open(probe, 'w');
  try {
    await file.writeFile(Buffer.alloc(ROOM, 1));
    await file.sync();
  } finally {
    await file.close();
    await rm(probe, { force: true });
  }
}

/**
 * Checks the two meta pages of `data.mdb`, if it exists, and that all pages they count are in the file. LMDB would end
 * the process with a signal otherwise.
 * @throws Error without the path if the file is of another kind or truncated.
 */
export async function checkDatabase(directory: string): Promise<void> {
  const file = await open(join(directory, 'data.mdb'), 'r').catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return undefined;
    throw error;
  });
  if (!file) return;
  try {
    const page = Buffer.alloc(4096);
    const { bytesRead } = await file.read(page, 0, page.length, 0);
    if (bytesRead === 0) return;
    const pageSize = bytesRead < page.length || !isMeta(page) ? undefined : page.readUInt32LE(PAGE_SIZE_AT);
    if (pageSize === undefined) throw new Error('data.mdb is not a database of sessions');
    const needed = [lastPageOf(page)];
    const second = await file.read(page, 0, page.length, pageSize);
    if (second.bytesRead === page.length && isMeta(page)) needed.push(lastPageOf(page));
    const { size } = await file.stat();
    if (needed.length < 2 || size < (Math.max(...needed) + 1) * pageSize) {
      throw new Error('data.mdb is truncated. Remove the folder to start without sessions');
    }
  } finally {
    await file.close();
  }
}

// Offsets in a meta page of LMDB 0.9.90: a header of 24 bytes, magic, version, address, map size, two databases.
const MAGIC_AT = 24;
const PAGE_SIZE_AT = 48;
const LAST_PAGE_AT = 144;
const MAGIC = 0xbeefc0de;

function isMeta(page: Buffer): boolean {
  return page.readUInt32LE(MAGIC_AT) === MAGIC;
}

function lastPageOf(page: Buffer): number {
  return Number(page.readBigUInt64LE(LAST_PAGE_AT));
}

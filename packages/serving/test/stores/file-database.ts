import { createHash } from 'node:crypto';
import { type Database, open } from 'lmdb';
import { onTestFinished } from 'vitest';

/** The database of a file store, to damage it. The end of the test closes it. */
export function openDatabase(directory: string): {
  readonly database: Database<Buffer, Buffer>;
  key(sessionId: string): Buffer;
} {
  const root = open<Buffer, Buffer>({ path: directory, noSubdir: false });
  onTestFinished(() => root.close());
  const options = { encoding: 'binary', keyEncoding: 'binary', useVersions: true } as const;
  return {
    database: root.openDB<Buffer, Buffer>('sessions-1', options),
    key: (sessionId) => createHash('sha256').update(sessionId, 'utf16le').digest(),
  };
}

import { homedir } from 'node:os';
import { cacheFolder as cacheFolderOf } from '@gru4rec/tensorflow-runtime';
import { userDirectory } from '../terminal/invocation.ts';

/** Folder for runtimes, which are set up once and used by every run. */
export function cacheFolder(environment: Readonly<Record<string, string | undefined>> = process.env): string {
  return cacheFolderOf({ environment, home: homedir(), directory: userDirectory(environment) });
}

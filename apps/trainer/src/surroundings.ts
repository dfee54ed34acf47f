import { homedir } from 'node:os';
import { cacheFolder as cacheFolderOf } from '@gru4rec/tensorflow-runtime';

type Environment = Readonly<Record<string, string | undefined>>;

/**
 * Where the user stands: pnpm and npm run a script in its package's folder, and say in INIT_CWD where they were called.
 */
export function userDirectory(environment: Environment = process.env): string {
  return environment['INIT_CWD'] || process.cwd();
}

/** Whether GRU4REC_DEBUG asks for the stacks of errors. */
export function wantsStacks(environment: Environment = process.env): boolean {
  return ['1', 'true'].includes(environment['GRU4REC_DEBUG'] ?? '');
}

/** Folder for what is set up once and used by every run. */
export function cacheFolder(environment: Environment = process.env): string {
  return cacheFolderOf({ environment, home: homedir(), directory: userDirectory(environment) });
}

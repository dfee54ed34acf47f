import fs from 'node:fs';
import promises from 'node:fs/promises';
import { syncBuiltinESMExports } from 'node:module';

/** Kills this process with SIGKILL in the place of a rename. @param count - which one, from 1. */
export function killAtRename(count: number): void {
  const isNext = () => --count === 0;
  const { renameSync } = fs;
  const { rename } = promises;
  const end = () => process.kill(process.pid, 'SIGKILL');
  Object.assign(fs, {
    renameSync: (...names: Parameters<typeof renameSync>) => (isNext() ? end() : renameSync(...names)),
  });
  Object.assign(promises, {
    rename: async (...names: Parameters<typeof rename>) => (isNext() ? end() : rename(...names)),
  });
  syncBuiltinESMExports();
}

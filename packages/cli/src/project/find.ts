import { existsSync } from 'node:fs';
import { dirname, join } from 'node:path';

export const PROJECT_FILE = 'gru4rec.json';

/** The project file of a folder, in it or in one above; undefined if there is none. */
export function findProjectFile(directory: string): string | undefined {
  for (let folder = directory; ; folder = dirname(folder)) {
    const file = join(folder, PROJECT_FILE);
    if (existsSync(file)) return file;
    if (dirname(folder) === folder) return undefined;
  }
}

import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { onTestFinished } from 'vitest';

/** Creates a folder, which is removed after the test or when `cleanUp` calls back. */
export function makeFolder(cleanUp: (remove: () => void) => void = onTestFinished): string {
  const folder = mkdtempSync(join(tmpdir(), 'gru4rec-comparison-'));
  cleanUp(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

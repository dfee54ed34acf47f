import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll } from 'vitest';

/** A folder of its own for a test file, removed after its tests. */
export function testFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'gru4rec-export-'));
  afterAll(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

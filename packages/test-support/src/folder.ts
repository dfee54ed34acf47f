import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll } from 'vitest';

/** Creates a folder for a test file, which is removed after its tests. */
export function testFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'gru4rec-test-'));
  afterAll(() => rmSync(folder, { recursive: true, force: true }), 60_000);
  return folder;
}

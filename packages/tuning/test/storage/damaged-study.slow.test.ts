import { spawnSync } from 'node:child_process';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { describe, expect, it } from 'vitest';
import { testFolder } from '../folder.ts';

const tsx = pathToFileURL(createRequire(import.meta.url).resolve('tsx')).href;
const program = fileURLToPath(new URL('damage-program.ts', import.meta.url));

describe('openStudyFile, damaged', () => {
  it('refuses a flipped or cut file in one line that names it, and reads what was kept otherwise', () => {
    // In a process of its own: a crash of the database would be one of the test run.
    const flags = ['--import', tsx, '--conditions=@gru4rec/source'];
    const { status, signal, stdout, stderr } = spawnSync(
      process.execPath,
      [...flags, program, join(testFolder(), 'study')],
      { encoding: 'utf8', timeout: 100_000 },
    );
    expect({ status, signal, stderr }).toEqual({ status: 0, signal: null, stderr: '' });
    // DuckDB has a checksum of every block: only the file that was not touched is read.
    expect(JSON.parse(stdout)).toEqual({ refused: 64 + 64 + 7, kept: 1, unclear: [] });
  }, 120_000);
});

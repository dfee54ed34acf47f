import { spawnSync } from 'node:child_process';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { describe, expect, it } from 'vitest';
import { testFolder } from '../folder.ts';

const tsx = pathToFileURL(createRequire(import.meta.url).resolve('tsx')).href;

/** Runs in its own process, so that a crash of the database does not end the test run. */
function run(program: URL, ...argv: readonly string[]): unknown {
  const flags = ['--import', tsx, '--conditions=@gru4rec/source'];
  const path = fileURLToPath(program);
  const { status, signal, stdout, stderr } = spawnSync(process.execPath, [...flags, path, ...argv], {
    encoding: 'utf8',
    timeout: 100_000,
  });
  expect({ status, signal, stderr }).toEqual({ status: 0, signal: null, stderr: '' });
  return JSON.parse(stdout);
}

describe('openStudyFile, damaged', () => {
  it('refuses a flipped or truncated file in one line that names it, or reads the stored study', () => {
    const counts = run(new URL('damage-program.ts', import.meta.url), join(testFolder(), 'study'));
    // DuckDB stores a checksum of every block, so only an unchanged file can be read.
    expect(counts).toEqual({ refused: 64 + 64 + 7, kept: 1, unclear: [] });
  }, 120_000);

  it('refuses a damaged log and leaves it, or reads the study after some of its changes', () => {
    const counts = run(
      new URL('log-damage-program.ts', import.meta.url),
      join(testFolder(), 'logged'),
      '60',
      '5',
    );
    expect(counts).toMatchObject({ whole: expect.any(Number), unclear: [] });
    const { refused, whole, earlier } = counts as Record<string, number>;
    expect([refused + whole + earlier, whole > 0, refused > 30]).toEqual([1 + 7 + 60, true, true]);
  }, 120_000);
});

import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';

const tsx = createRequire(import.meta.url).resolve('tsx/cli');
const main = fileURLToPath(new URL('../src/gru4rec.ts', import.meta.url));

/** @param event - of npm, which may run the tests itself. */
function gru4rec(event: string | undefined, ...argv: string[]) {
  const env = { ...process.env, npm_lifecycle_event: event };
  const flags = [tsx, '--conditions=@gru4rec/source', main, ...argv];
  const { status, stdout, stderr } = spawnSync(process.execPath, flags, { encoding: 'utf8', env });
  return { status, stdout, stderr };
}

describe('gru4rec', () => {
  it('is the trainer under its own name, in help and in errors', () => {
    const { status, stdout } = gru4rec(undefined, '--help');
    expect(status).toBe(0);
    expect(stdout).toMatch(/^gru4rec COMMAND \[options\]/);
    const unknown = gru4rec('npx', 'trian');
    expect(unknown).toMatchObject({ status: 2, stderr: expect.stringContaining('See npx gru4rec --help') });
    expect(`${stdout}${unknown.stderr}`).not.toContain('trainer');
  });

  it('has one version with the command line', () => {
    const { version } = JSON.parse(readFileSync(new URL('../package.json', import.meta.url), 'utf8'));
    expect(gru4rec(undefined, '--version').stdout).toBe(`${version}\n`);
  });
});

import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { writeShopLog } from '@gru4rec/synthetic';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { repositoryRoot } from '../../../scripts/lib/repository.mjs';

const folder = mkdtempSync(join(tmpdir(), 'gru4rec-start-'));
afterAll(() => rmSync(folder, { recursive: true }));
beforeAll(() => writeShopLog(join(folder, 'clicks.tsv'), { events: 8000, items: 60, days: 10, seed: 3 }));

/** Starts the trainer in the user's folder through the script in another. */
function start(...argv: string[]) {
  const { status, stdout, stderr } = spawnSync(
    process.execPath,
    [join(repositoryRoot, 'scripts', 'start.mjs'), ...argv],
    { cwd: folder, env: { ...process.env, INIT_CWD: tmpdir() }, encoding: 'utf8' },
  );
  return { status, stdout, stderr };
}

describe('start.mjs', () => {
  it('resolves relative paths from the user’s folder, and compares on two threads', () => {
    const days = ['--test', '5d', '--output', 'data'];
    expect(start('prepare', '--input', 'clicks.tsv', ...days)).toMatchObject({ status: 0 });
    const compare = (threads: string) => {
      const models = ['--models', 'pop', 'vstan', '--threads', threads, '--output', 'report'];
      const { status, stderr } = start('compare', 'data', ...models);
      expect({ status, stderr: status === 0 ? '' : stderr }).toEqual({ status: 0, stderr: '' });
      const { models: measured } = JSON.parse(readFileSync(join(folder, 'report', 'report.json'), 'utf8'));
      return measured.map((model: { name: string; results: unknown }) => [model.name, model.results]);
    };
    expect(compare('2')).toEqual(compare('1'));
  });

  it('runs the demonstration without arguments', () => {
    // A file where its folder would be ends it at once.
    writeFileSync(join(folder, '.gru4rec'), '');
    const { status, stderr } = start();
    rmSync(join(folder, '.gru4rec'));
    expect({ status, stderr }).toMatchObject({
      status: 1,
      stderr: expect.stringContaining('The demo cannot be written in'),
    });
  });

  it('passes on the exit code, and drops the -- of pnpm', () => {
    expect(start('--', 'trian')).toMatchObject({ status: 2 });
    expect(start('--', '--version')).toMatchObject({ status: 0, stdout: expect.stringMatching(/^\d+\./) });
  });
});

import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, it, onTestFinished } from 'vitest';

const app = fileURLToPath(new URL('../../', import.meta.url));

it('passes the code compared with itself, and removes the tree of the earlier commit', async (ctx) => {
  if (!existsSync(join(app, '../../.git'))) ctx.skip('no git repository');
  const folder = mkdtempSync(join(tmpdir(), 'benchmark-ci-'));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  const words = ['--import', 'tsx', '--conditions=@gru4rec/source', 'src/main.ts', 'ci', '--against', 'HEAD'];
  const env = { ...process.env, TMPDIR: folder, TEMP: folder, NODE_OPTIONS: '' };
  const { status, stdout, stderr } = spawnSync(process.execPath, words, { cwd: app, env, encoding: 'utf8' });
  expect(status, stdout + stderr).toBe(0);
  expect(stdout.match(/ not slower \|$/gm)?.length).toBe(6);
  expect(readdirSync(folder).filter((name) => name.startsWith('gru4rec-before-'))).toEqual([]);
}, 900_000);

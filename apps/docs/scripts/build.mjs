// Builds the site into dist: installs what is missing, builds the playground, generates the reference, and runs VitePress, which
// fails on a dead link.
import { rmSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { pnpmCommand } from '../../../scripts/lib/commands.mjs';
import { run } from '../../../scripts/lib/run.mjs';
import { setUp } from '../../../scripts/lib/set-up.mjs';

const folder = fileURLToPath(new URL('../', import.meta.url));
const require = createRequire(import.meta.url);

// After `npm start`, only the site's modules are missing.
await setUp();
rmSync(join(folder, 'generated'), { recursive: true, force: true });
const node = { file: process.execPath, args: [] };
// The page itself, which needs every package's source but none built.
await start(pnpmCommand(), '--silent', '--filter', '@gru4rec/playground', 'build');
await start(node, require.resolve('tsx/cli'), '--conditions=@gru4rec/source', 'scripts/generate.ts');
await start(node, join(dirname(require.resolve('typedoc/package.json')), 'bin', 'typedoc'));
const vitepress = join(dirname(require.resolve('vitepress/package.json')), 'bin', 'vitepress.js');
await start(node, vitepress, process.argv[2] === '--dev' ? 'dev' : 'build');

/**
 * @param {import('../../../scripts/lib/commands.mjs').Command} command
 * @param {string[]} args
 */
async function start(command, ...args) {
  const status = await run(command, args, { cwd: folder, stdio: 'inherit' });
  if (status !== 0) process.exit(status);
}

// Builds the site into dist: installs what is missing, generates its reference, makes the playground, runs VitePress and checks every link.
import { rmSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { pnpmCommand } from '../../../scripts/lib/commands.mjs';
import { run } from '../../../scripts/lib/run.mjs';
import { setUp } from '../../../scripts/lib/set-up.mjs';
import { brokenLinks } from './broken-links.mjs';
import { tidyApi } from './tidy-api.mjs';

const folder = fileURLToPath(new URL('../', import.meta.url));
const require = createRequire(import.meta.url);
const generated = join(folder, 'generated');
const dist = join(folder, 'dist');

// After `npm start`, only the site's modules are missing.
await setUp();
rmSync(generated, { recursive: true, force: true });
const tsx = [require.resolve('tsx/cli'), '--conditions=@gru4rec/source'];
await node(...tsx, 'scripts/write-reference.ts');
await buildPlayground();
await node(...tsx, 'scripts/make-playground.ts');
await node(join(dirname(require.resolve('typedoc/package.json')), 'bin', 'typedoc'));
tidyApi(join(generated, 'api'));
const vitepress = join(dirname(require.resolve('vitepress/package.json')), 'bin', 'vitepress.js');
await node(vitepress, process.argv[2] === '--dev' ? 'dev' : 'build');
const broken = brokenLinks(dist, process.env.DOCS_BASE ?? '/');
for (const line of broken) console.error(line);
if (broken.length > 0) process.exitCode = 1;

/** @param {string[]} args */
async function node(...args) {
  const status = await run({ file: process.execPath, args }, [], { cwd: folder, stdio: 'inherit' });
  if (status !== 0) process.exit(status);
}

/** The page itself, which needs every package's source but none built. */
async function buildPlayground() {
  const pnpm = pnpmCommand();
  const args = ['--silent', '--filter', '@gru4rec/playground', 'build'];
  const status = await run(pnpm, args, { cwd: folder, stdio: 'inherit' });
  if (status !== 0) process.exit(status);
}

// Runs test files on another Node, which may be of another processor under emulation: test-on.mjs [--node COMMAND] [--name REGEX] [FILE …]
// Vitest itself needs programs of that processor, so each file is bundled with Vitest's runner, which is plain JavaScript.
// Prints failed tests and their number; exits with 1 if there are any, or none ran.
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { dirname, join, relative, resolve } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { parseArgs } from 'node:util';
import { build } from 'esbuild';

const own = (/** @type {string} */ path) => fileURLToPath(new URL(path, import.meta.url));

/**
 * Sources find other files beside them, so in a bundle they keep their own address.
 *
 * @type {import('esbuild').Plugin}
 */
const keepAddresses = {
  name: 'keep-addresses',
  setup({ onLoad }) {
    onLoad({ filter: /\.[cm]?[jt]s$/ }, ({ path }) => {
      const text = readFileSync(path, 'utf8');
      if (!text.includes('import.meta.url') || path.includes('node_modules')) return undefined;
      const contents = text.replaceAll('import.meta.url', JSON.stringify(pathToFileURL(path).href));
      return { contents, loader: path.endsWith('ts') ? 'ts' : 'js' };
    });
  },
};

/**
 * Packages may have Vitest twice, with other peers; and only Vitest has its runner.
 *
 * @type {import('esbuild').Plugin}
 */
const oneVitest = {
  name: 'one-vitest',
  setup({ onResolve, resolve }) {
    const vitest = dirname(createRequire(import.meta.url).resolve('vitest/package.json'));
    onResolve({ filter: /^(vitest|@vitest\/runner)$/ }, ({ path, pluginData }) => {
      if (pluginData === oneVitest) return undefined;
      return resolve(path, { kind: 'import-statement', resolveDir: vitest, pluginData: oneVitest });
    });
  },
};

/**
 * @param {string} file
 * @param {string} folder
 * @returns {Promise<string>} path of the bundle
 */
async function bundle(file, folder) {
  const outfile = join(folder, 'test.mjs');
  await build({
    stdin: {
      contents: `import { runFile } from ${JSON.stringify(own('run-file.mjs'))};
        await runFile(() => import(${JSON.stringify(file)}), ${JSON.stringify(values.name)});`,
      resolveDir: dirname(file),
    },
    outfile,
    bundle: true,
    format: 'esm',
    platform: 'node',
    target: 'node20',
    conditions: ['@gru4rec/source', 'module'],
    banner: {
      js: "import { createRequire as createRequireHere } from 'node:module'; const require = createRequireHere(import.meta.url);",
    },
    // Other addons are of this machine's processor.
    loader: { '.node': 'empty' },
    logLevel: 'error',
    tsconfigRaw: {},
    plugins: [keepAddresses, oneVitest],
  });
  return outfile;
}

const { values, positionals } = parseArgs({
  options: { node: { type: 'string', default: process.execPath }, name: { type: 'string', default: '' } },
  allowPositionals: true,
});
const [program = '', ...options] = values.node.trim().split(/\s+/);
const files = positionals.length > 0 ? positionals : [own('../test/native/conformance.test.ts')];
const folder = mkdtempSync(join(tmpdir(), 'gru4rec-test-on-'));
try {
  for (const file of files) {
    process.stdout.write(`${relative(process.cwd(), file)}: `);
    const script = await bundle(resolve(file), folder);
    const { status, signal } = spawnSync(program, [...options, script], { stdio: 'inherit' });
    if (signal) process.stdout.write(`ended with ${signal}\n`);
    if (status !== 0) process.exitCode = 1;
  }
} finally {
  rmSync(folder, { recursive: true, force: true });
}

import { mkdirSync, readdirSync, readFileSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { pathToFileURL } from 'node:url';

/** Entry points: the trainer, and the programs that it starts. */
const entries = {
  main: 'apps/trainer/src/main.ts',
  'trial-main': 'packages/cli/src/tuning/trial-main.ts',
  'slice-thread': 'packages/comparison/src/slice-thread.ts',
  'inference-thread': 'packages/cli/src/engines/inference-thread.ts',
};

/** Packages with many small files that most commands load, with their dependencies. All others are not bundled. */
const packedPackages = new Set(['apache-arrow', 'cli-progress', 'cli-table3', 'yargs', 'zod']);

const KEPT_MS = 30 * 24 * 3600 * 1000;

/**
 * Brings the trainer's plain JavaScript up to date: Node 20 cannot run TypeScript, and transpiling file by file costs 1.3 s per
 * start. Several processes may do so at once.
 *
 * @param {string} root
 * @param {string} stamp - of the installation
 * @returns {Promise<string>} path of the file to run
 */
export async function bundleTrainer(root, stamp) {
  const folder = join(root, 'node_modules', '.cache', 'gru4rec-trainer');
  const record = join(folder, 'bundle.json');
  const wanted = JSON.stringify([stamp, root]);
  if (!isCurrent(root, record, wanted)) await build(root, folder, record, wanted);
  return join(folder, 'main.js');
}

/**
 * Whether the bundle is of this installation and folder, and of the sources as they are; not if its record is damaged.
 *
 * @param {string} root
 * @param {string} record
 * @param {string} wanted
 */
function isCurrent(root, record, wanted) {
  try {
    /** @type {{ stamp: string, sources: Record<string, string> }} */
    const { stamp, sources } = JSON.parse(readFileSync(record, 'utf8'));
    return (
      stamp === wanted &&
      Object.entries(sources).every(([path, state]) => stateOf(join(root, path)) === state)
    );
  } catch {
    return false;
  }
}

/** Size and modification time. @param {string} path */
function stateOf(path) {
  const found = statSync(path, { throwIfNoEntry: false });
  return found === undefined ? 'missing' : `${found.size} ${found.mtimeMs}`;
}

/**
 * @param {string} root
 * @param {string} folder
 * @param {string} record
 * @param {string} stamp
 */
async function build(root, folder, record, stamp) {
  const esbuild = await import('esbuild');
  const { metafile, outputFiles } = await esbuild
    .build({
      absWorkingDir: root,
      entryPoints: entries,
      outdir: folder,
      bundle: true,
      splitting: true,
      format: 'esm',
      platform: 'node',
      target: 'node20',
      conditions: ['@gru4rec/source', 'module'],
      minifyWhitespace: true,
      chunkNames: '[name]-[hash]',
      banner: {
        js: "import { createRequire as createRequireHere } from 'node:module'; const require = createRequireHere(import.meta.url);",
      },
      metafile: true,
      write: false,
      logLevel: 'error',
      tsconfigRaw: {},
      plugins: [places],
    })
    .finally(() => esbuild.stop());
  const own = Object.keys(metafile.inputs).filter((path) => !path.split('/').includes('node_modules'));
  const sources = Object.fromEntries(
    [...own, 'scripts/lib/bundle.mjs'].map((path) => [path, stateOf(join(root, path))]),
  );
  mkdirSync(folder, { recursive: true });
  // Entry points are written last, because they name the chunks.
  const rankOf = (/** @type {string} */ path) => Number(basename(path, '.js') in entries);
  const files = outputFiles.sort((a, b) => rankOf(a.path) - rankOf(b.path));
  for (const { path, contents } of files) replaceFile(path, contents);
  replaceFile(record, JSON.stringify({ stamp, sources }));
  removeOld(folder, new Set(outputFiles.map(({ path }) => basename(path))));
}

/**
 * Leaves modules external: files beside a source, which are found by their path, and packages that are not bundled.
 *
 * @type {import('esbuild').Plugin}
 */
const places = {
  name: 'places',
  setup(build) {
    build.onLoad({ filter: /\.[cm]?[jt]s$/ }, ({ path }) => {
      const text = readFileSync(path, 'utf8');
      const startsAnEntry = Object.keys(entries).some((name) => text.includes(`'./${name}.js'`));
      if (startsAnEntry || !text.includes('import.meta.url')) return undefined;
      const contents = text.replaceAll('import.meta.url', JSON.stringify(pathToFileURL(path).href));
      return { contents, loader: path.endsWith('ts') ? 'ts' : 'js' };
    });
    build.onResolve({ filter: /^[^./#]/ }, async ({ path, pluginData, ...from }) => {
      const name = path.split('/', path.startsWith('@') ? 2 : 1).join('/');
      const isPacked = packedPackages.has(name) || from.importer.split(/[\\/]/).includes('node_modules');
      const isOwn = from.kind === 'entry-point' || name.startsWith('@gru4rec/');
      if (pluginData === places || path.startsWith('node:') || isOwn || isPacked) return undefined;
      const found = await build.resolve(path, { ...from, pluginData: places });
      if (found.external || found.errors.length > 0) return undefined;
      return { path: pathToFileURL(found.path).href, external: true };
    });
  },
};

/**
 * @param {string} path
 * @param {string | Uint8Array} contents
 */
function replaceFile(path, contents) {
  const temporary = `${path}.${process.pid}.tmp`;
  try {
    writeFileSync(temporary, contents);
    renameSync(temporary, path);
  } finally {
    rmSync(temporary, { force: true });
  }
}

/**
 * Removes bundles of earlier sources, after the time for which a run may still load them.
 *
 * @param {string} folder
 * @param {ReadonlySet<string>} current
 */
function removeOld(folder, current) {
  for (const name of readdirSync(folder)) {
    const path = join(folder, name);
    const isOld = !current.has(name) && Date.now() - statSync(path).mtimeMs > KEPT_MS;
    if (isOld) rmSync(path, { force: true });
  }
}

import { readFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import { build, type Plugin } from 'esbuild';

/** Packages that the suites of steps and the recorded runs use. Any other throws when it is used. */
const packedPackages = new Set([
  'apache-arrow',
  'detect-libc',
  'fastest-levenshtein',
  'protobufjs',
  'simple-statistics',
  'yargs',
  'zod',
]);

/** Folders that sources find by their own path, relative to the repository. */
export const foldersOfSources: readonly string[] = [
  'packages/engine-wasm/wasm',
  'packages/engine-wasm/worker',
  'packages/kernels-native/build',
  'packages/tensorflow-runtime/probe',
  'packages/test-support/golden',
];

const requireHere =
  "import { createRequire as createRequireHere } from 'node:module'; const require = createRequireHere(import.meta.url);";

/** Commands of which a machine that only measures needs nothing. */
const unpackedCommands = /^\.\/(ci|cuda-pack|generate|peers|results|study)\/command\.ts$/;

/**
 * Bundles the commands `benchmark` and `golden` as plain JavaScript. The bundle looks for {@link foldersOfSources} in the folder `files`
 * beside it.
 *
 * @param root - folder of the repository.
 * @param folder - folder of the bundle.
 */
export async function bundleBenchmark(root: string, folder: string): Promise<void> {
  await build({
    absWorkingDir: root,
    entryPoints: { benchmark: 'apps/benchmark/src/main.ts' },
    outdir: folder,
    bundle: true,
    splitting: true,
    format: 'esm',
    platform: 'node',
    target: 'node20',
    conditions: ['@gru4rec/source', 'module'],
    outExtension: { '.js': '.mjs' },
    banner: { js: requireHere },
    logLevel: 'error',
    tsconfigRaw: {},
    plugins: [withoutOtherPackages, pathsInFiles(root)],
  });
}

const withoutOtherPackages: Plugin = {
  name: 'without-other-packages',
  setup({ onResolve, onLoad }) {
    onResolve({ filter: /^[^./#]/ }, ({ path, importer, kind }) => {
      const name = path.split('/', path.startsWith('@') ? 2 : 1).join('/');
      const isOwn = kind === 'entry-point' || path.startsWith('node:') || name.startsWith('@gru4rec/');
      if (isOwn || packedPackages.has(name) || importer.includes('node_modules')) return undefined;
      return { path, namespace: 'absent' };
    });
    onResolve({ filter: unpackedCommands }, ({ path }) => ({ path, namespace: 'absent' }));
    onLoad({ filter: /./, namespace: 'absent' }, ({ path }) => {
      const message = JSON.stringify(`${path} is not packed`);
      // Imported names are properties of a prototype, because esbuild copies own properties.
      const contents = `function absent() { throw new Error(${message}); }
        module.exports = Object.create(new Proxy({}, { get: () => absent }));`;
      return { contents };
    });
  },
};

const pathsInFiles = (root: string): Plugin => ({
  name: 'paths-in-files',
  setup({ onLoad }) {
    onLoad({ filter: /\.ts$/ }, ({ path }) => {
      const contents = readFileSync(path, 'utf8').replaceAll(
        'import.meta.url',
        `new URL(${JSON.stringify(`./files/${relative(root, path)}`)}, import.meta.url).href`,
      );
      return { contents, loader: 'ts' };
    });
  },
});

/**
 * Bundles tfjs-node as one file that finds its addon in `../lib/napi-v8`, where `setUpTensorFlow` compiles it.
 *
 * @param directory - folder of the package.
 * @param file - the bundle.
 */
export async function bundleTfjs(directory: string, file: string): Promise<void> {
  await build({
    entryPoints: [join(directory, 'dist', 'index.js')],
    outfile: file,
    bundle: true,
    format: 'cjs',
    platform: 'node',
    target: 'node20',
    logLevel: 'error',
    plugins: [
      {
        name: 'addon',
        setup({ onResolve, onLoad }) {
          onResolve({ filter: /^@mapbox\/node-pre-gyp$/ }, ({ path }) => ({ path, namespace: 'addon' }));
          onLoad({ filter: /./, namespace: 'addon' }, () => ({
            contents:
              "exports.find = () => require('node:path').join(__dirname, '../lib/napi-v8/tfjs_binding.node');",
          }));
        },
      },
    ],
  });
}

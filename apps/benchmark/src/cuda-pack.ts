import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { basename, dirname, join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { findRuntimes } from '@gru4rec/engine-tensorflow/runtime';
import { build, type Plugin } from 'esbuild';
import yargs from 'yargs';
import { Failure, runCommand, type Surroundings } from './command-line.ts';
import { runtimePlaces } from './engine-choice.ts';
import { inTemporaryFolder } from './environment.ts';

const root = fileURLToPath(new URL('../../../', import.meta.url));
/** Folders that sources find by their own path. */
const foldersOfSources = [
  ...['packages/engine-wasm/wasm', 'packages/engine-wasm/worker', 'packages/engine-wasm/build'],
  ...['packages/engine-tensorflow/probe', 'packages/test-support/golden'],
];
/** What only commands and suites need that are of no use there. */
const unpacked = '@duckdb/* esbuild undici */cuda-pack.ts @gru4rec/preprocess';
/** Libraries that TensorFlow opens when it looks for a GPU. It registers no GPU unless each of them opens. */
const opened = /^lib(cudart|cublas|cublasLt|cufft|cusolver|cusparse|cudnn)\.so\.\d+$/;

/** Links the libraries under the names that TensorFlow opens, and runs a command of the benchmark. */
const runScript = (libraries: readonly string[]): string => `#!/bin/sh
# sh run.sh golden|benchmark [options]
here=$(cd "$(dirname "$0")" && pwd)
packages=$(python3 -c 'import site, sys; print(*site.getsitepackages(), site.getusersitepackages(), *filter(None, sys.path))')
found() { find -L "$here/runtimes" $packages /usr/local/cuda*/lib64 /usr/lib/x86_64-linux-gnu -name "$1" 2>/dev/null | sort -V; }
mkdir -p "$here/cuda"
for name in ${libraries.join(' ')}; do
  path=$(found "$name" | head -n 1)
  [ "$path" ] || path=$(found "\${name%%.so*}.so.*" | tail -n 1)
  [ "$path" ] || { path=$here/empty.so; echo "$name is missing: an empty library replaces it" >&2; }
  ln -sf "$path" "$here/cuda/$name"
  places=$places:$(dirname "$path")
done
# Room for kernels that the driver translates for a card that is newer than the library.
export CUDA_CACHE_MAXSIZE=4294967296 GRU4REC_TENSORFLOW="$here/runtimes"
export LD_LIBRARY_PATH="$here/cuda$places\${LD_LIBRARY_PATH:+:$LD_LIBRARY_PATH}"
exec "$here/node" "$here/benchmark.mjs" "$@"
`;

/** For a machine with a GPU, Python and no network. Returns 0; 1 if anything is missing or failed; or 2 (usage). */
export function runCudaPackCommand(words: readonly string[], surroundings: Surroundings): Promise<number> {
  const { resolvePath, print } = surroundings;
  return runCommand('cuda-pack', cudaPackParser(), words, surroundings, async (found) => {
    const output = resolvePath(found.output);
    const { folder = '' } = runtimePlaces();
    const runtimes = findRuntimes({ folder }).filter(({ gpu, problem }) => gpu !== found.cpu && !problem);
    const { directory } = runtimes[0] ?? {};
    if (!directory)
      throw new Failure(`cuda-pack: ${folder} has no such TensorFlow: gru4rec setup tensorflow`);
    const tfjs = relative(folder, directory);
    mkdirSync(output, { recursive: true });
    for (const name of found.only) {
      const from = ['-C', folder, '--transform=s,^,runtimes/,'];
      const files: Record<string, readonly string[]> = {
        node: ['-C', dirname(process.execPath), basename(process.execPath)],
        tensorflow: [...from, '--exclude=*/deps/nvidia/*', '--exclude=*.map', tfjs.split('/')[0] ?? ''],
      };
      if (name === 'app') await packApp(output, join(directory, 'deps', 'nvidia'));
      else pack(output, name, files[name] ?? [...from, join(tfjs, 'deps', 'nvidia', name)]);
    }
    const parts = readdirSync(output).filter((file) => file.includes('.tar.xz.'));
    writeFileSync(join(output, 'SHA256SUMS'), execFileSync('sha256sum', parts.sort(), { cwd: output }));
    print(`${parts.length} parts and SHA256SUMS in ${found.output}`);
    return 0;
  });
}

function cudaPackParser() {
  const text = { type: 'string', requiresArg: true } as const;
  const archives = { ...text, array: true, default: ['app', 'node', 'tensorflow'] } as const;
  const only = 'Archives to pack: also a folder of CUDA libraries of the runtime, such as cublas';
  return yargs()
    .usage('$0', 'Packs all that a bare machine with a GPU needs to measure there, in parts of 48 MiB.')
    .option('output', { ...text, demandOption: true, describe: 'Folder of the parts' })
    .option('only', { ...archives, describe: only })
    .option('cpu', { type: 'boolean', default: false, describe: "Pack the CPU's TensorFlow, to rehearse" });
}

/** Writes `<name>.tar.xz.000`, …. Equal files give equal parts. @throws Failure if a program is missing or fails. */
function pack(output: string, name: string, words: readonly string[]): void {
  const tar = 'tar --create --dereference --sort=name --mtime=@0 --owner=0 --group=0 --numeric-owner "$@"';
  const script = `rm -f "$0".*; ${tar} | xz --threads=2 | split --bytes=48MiB --numeric-suffixes --suffix-length=3 - "$0."`;
  try {
    execFileSync('bash', ['-o', 'pipefail', '-c', script, join(output, `${name}.tar.xz`), ...words]);
  } catch (error) {
    throw new Failure(`cuda-pack: ${name}: ${(error as Error).message}`);
  }
}

async function packApp(output: string, nvidia: string): Promise<void> {
  const all = existsSync(nvidia) ? readdirSync(nvidia, { recursive: true, encoding: 'utf8' }) : [];
  const libraries = [...new Set(all.map((path) => basename(path)))].filter((name) => opened.test(name));
  const requireHere =
    "import { createRequire as here } from 'node:module'; const require = here(import.meta.url);";
  const target = { format: 'esm', platform: 'node', target: 'node20', banner: { js: requireHere } } as const;
  const entryPoints = { benchmark: join(root, 'apps/benchmark/src/main.ts') };
  const files = { entryPoints, outExtension: { '.js': '.mjs' }, tsconfigRaw: {} };
  const bundled = { bundle: true, splitting: true, loader: { '.node': 'copy' } } as const;
  const resolution = { external: unpacked.split(' '), conditions: ['@gru4rec/source', 'module'] };
  await inTemporaryFolder('gru4rec-cuda-pack', async (outdir) => {
    await build({ ...files, outdir, ...target, ...bundled, ...resolution, plugins: [pathsInFiles] });
    writeFileSync(join(outdir, 'run.sh'), runScript(libraries.sort()));
    execFileSync('cc', ['-shared', '-o', join(outdir, 'empty.so'), '-x', 'c', '/dev/null']);
    const sources = ['-C', root, '--transform=s,^packages,files/packages,', ...foldersOfSources];
    pack(output, 'app', ['-C', outdir, '.', ...sources]);
  });
}

/** The bundle looks for {@link foldersOfSources} in the folder `files` beside it. */
const pathsInFiles: Plugin = {
  name: 'paths-in-files',
  setup({ onLoad }) {
    onLoad({ filter: /\.ts$/ }, ({ path }) => {
      const url = `new URL(${JSON.stringify(`./files/${relative(root, path)}`)}, import.meta.url).href`;
      return { contents: readFileSync(path, 'utf8').replaceAll('import.meta.url', url), loader: 'ts' };
    });
  },
};

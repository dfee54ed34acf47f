import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { cpSync, existsSync, mkdirSync, readdirSync, readFileSync, symlinkSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import type { RuntimeCandidate } from '@gru4rec/tensorflow-runtime';
import { Failure } from '../command-line.ts';
import { bundleBenchmark, bundleTfjs, foldersOfSources } from './bundle.ts';

/** Where the contents of archives come from. */
export interface Sources {
  /** Folder of the repository. */
  readonly root: string;
  readonly runtime: RuntimeCandidate;
  /** Path of the program Node. */
  readonly node: string;
}

/** The archives that are always needed. */
export const baseArchives = ['app', 'node', 'tensorflow'] as const;

/** Libraries that TensorFlow opens when it looks for a GPU. It registers no GPU unless each of them opens. */
const opened = /^lib(cudart|cublas|cublasLt|cufft|cusolver|cusparse|cudnn)\.so\.\d+$/;

/**
 * Makes a folder with the contents of one archive, large files as links.
 *
 * @param name - one of {@link baseArchives}, or a folder of CUDA libraries of the runtime, such as `cublas`.
 * @param folder - an empty folder.
 * @throws Failure if something is missing.
 */
export async function stageArchive(
  name: string,
  folder: string,
  { root, runtime, node }: Sources,
): Promise<void> {
  const { directory } = runtime;
  const runtimeFolder = join(directory, '..', '..', '..');
  // Where tfjs-node is unpacked, as in the folder that `setUpTensorFlow` writes.
  const place = join(folder, 'runtimes', basename(runtimeFolder), 'node_modules', '@tensorflow', 'tfjs-node');
  const linkLibraries = (...path: string[]) => link(join(directory, ...path), join(place, ...path));
  if (name === 'node') link(node, join(folder, 'node', 'bin', 'node'));
  else if (name === 'tensorflow') {
    linkLibraries('deps', 'lib', 'libtensorflow_cc.so.2');
    linkLibraries('deps', 'lib', 'libtensorflow_framework.so.2');
  } else if (name !== 'app') linkLibraries('deps', 'nvidia', name, 'lib');
  else {
    // The JavaScript, all addons, the kernels and the recorded runs.
    const app = join(folder, 'app');
    await bundleBenchmark(root, app);
    for (const path of foldersOfSources) link(join(root, path), join(app, 'files', path));
    // A library without symbols, for names that TensorFlow opens and our graphs never call.
    run('cc', ['-shared', '-o', join(app, 'empty.so'), '-x', 'c', '/dev/null']);
    await bundleTfjs(directory, join(place, 'dist', 'index.js'));
    cpSync(join(directory, 'package.json'), join(place, 'package.json'));
    linkLibraries('lib');
    link(join(runtimeFolder, 'runtime.json'), join(place, '..', '..', '..', 'runtime.json'));
  }
}

function link(target: string, path: string): void {
  if (!existsSync(target)) throw new Failure(`cuda-pack: ${target} is missing`);
  mkdirSync(dirname(path), { recursive: true });
  symlinkSync(target, path);
}

/** A part of an archive: its file name, size and SHA-256 in hexadecimal. */
export interface Part {
  readonly file: string;
  readonly bytes: number;
  readonly sha256: string;
}

/**
 * Writes the contents of a folder, following links, as `<archive>.000`, `<archive>.001`, …: a tar file, compressed by xz
 * on two threads and split. Equal files give equal parts, so that parts that a machine has already need not be sent again.
 *
 * @param archive - path of the archive, without the number of a part.
 * @param partSize - largest size of a part in bytes.
 * @throws Failure if a program is missing or fails.
 */
export function writeArchive(folder: string, archive: string, partSize: number): Part[] {
  const tar = 'tar --create --dereference --sort=name --mtime=@0 --owner=0 --group=0 --numeric-owner';
  const pack = `${tar} --directory "$1" . | xz --threads=2 --stdout`;
  const split = 'split --bytes="$3" --numeric-suffixes --suffix-length=3 - "$2."';
  const script = `rm -f "$2".*; ${pack} | ${split}`;
  run('bash', ['-o', 'pipefail', '-c', script, '', folder, archive, `${partSize}`]);
  const files = readdirSync(dirname(archive)).filter((file) => file.startsWith(`${basename(archive)}.`));
  return files.sort().map((file) => {
    const bytes = readFileSync(join(dirname(archive), file));
    return { file, bytes: bytes.length, sha256: createHash('sha256').update(bytes).digest('hex') };
  });
}

function run(program: string, words: readonly string[]): void {
  try {
    execFileSync(program, words, { encoding: 'utf8' });
  } catch (error) {
    throw new Failure(`cuda-pack: ${program} failed: ${(error as Error).message}`);
  }
}

/** Folders of CUDA libraries of a runtime, such as `cublas`; none for the CPU. */
export function cudaFolders({ directory }: RuntimeCandidate): string[] {
  const folder = join(directory, 'deps', 'nvidia');
  return existsSync(folder) ? readdirSync(folder).sort() : [];
}

/** Names of the CUDA libraries that TensorFlow opens. */
export function openedLibraries(runtime: RuntimeCandidate): string[] {
  const folder = join(runtime.directory, 'deps', 'nvidia');
  return cudaFolders(runtime).flatMap((name) =>
    readdirSync(join(folder, name, 'lib')).filter((file) => opened.test(file)),
  );
}

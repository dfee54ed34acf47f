import { cpSync, existsSync, mkdirSync, readdirSync, symlinkSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import type { RuntimeCandidate } from '@gru4rec/tensorflow-runtime';
import { bundleBenchmark, bundleTfjs, foldersOfSources } from './bundle.ts';
import { compileEmptyLibrary, fetchNode } from './made-files.ts';
import { PackError } from './pack-error.ts';

/** Where the contents of archives come from. */
export interface Sources {
  /** Folder of the repository. */
  readonly root: string;
  readonly runtime: RuntimeCandidate;
  /** Path of the program Node; downloaded if not given. */
  readonly node?: string | undefined;
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
 * @param scratch - an empty folder for what is downloaded.
 * @throws PackError if something is missing.
 */
export async function stageArchive(
  name: string,
  folder: string,
  { root, runtime, node }: Sources,
  scratch: string,
): Promise<void> {
  const { directory } = runtime;
  const place = join(folder, placeOf(directory));
  if (name === 'app') await stageApp(folder, root, directory, place);
  else if (name === 'node') link(node ?? fetchNode(scratch), join(folder, 'node', 'bin', 'node'));
  else if (name === 'tensorflow') {
    for (const file of ['libtensorflow_cc.so.2', 'libtensorflow_framework.so.2']) {
      link(join(directory, 'deps', 'lib', file), join(place, 'deps', 'lib', file));
    }
  } else {
    link(join(directory, 'deps', 'nvidia', name, 'lib'), join(place, 'deps', 'nvidia', name, 'lib'));
  }
}

/** The JavaScript, all addons, the kernels and the recorded runs. */
async function stageApp(folder: string, root: string, directory: string, place: string): Promise<void> {
  const app = join(folder, 'app');
  await bundleBenchmark(root, app);
  for (const path of foldersOfSources) link(join(root, path), join(app, 'files', path));
  compileEmptyLibrary(join(app, 'empty.so'));
  await bundleTfjs(directory, join(place, 'dist', 'index.js'));
  cpSync(join(directory, 'package.json'), join(place, 'package.json'));
  link(join(directory, 'lib'), join(place, 'lib'));
  const manifest = join('..', '..', '..', 'runtime.json');
  link(join(directory, manifest), join(place, manifest));
}

/** Where tfjs-node is unpacked, as in the folder that `setUpTensorFlow` writes. */
function placeOf(directory: string): string {
  const name = basename(join(directory, '..', '..', '..'));
  return join('runtimes', name, 'node_modules', '@tensorflow', 'tfjs-node');
}

function link(target: string, path: string): void {
  if (!existsSync(target)) throw new PackError(`${target} is missing`);
  mkdirSync(dirname(path), { recursive: true });
  symlinkSync(target, path);
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

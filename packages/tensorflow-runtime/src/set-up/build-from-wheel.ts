import { mkdir, rm, symlink } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { compileAddon } from './compile-addon.ts';
import { installPackages } from './npm.ts';
import {
  DEFAULT_TENSORFLOW,
  NPM_VERSIONS,
  nvidiaWheels,
  type PinnedWheel,
  pinnedTensorFlow,
} from './pinned-wheels.ts';
import { downloadWheels } from './pip.ts';
import type { CommandLine, Where } from './run-command.ts';
import { SetUpError } from './set-up-error.ts';
import { firstThatRuns, type Tools } from './tools.ts';
import { hashFile, Wheel } from './wheel.ts';

/** Input of a build. */
export interface Build {
  readonly gpu: boolean;
  /** Version of TensorFlow for a wheel, of tfjs-node for the official library. */
  readonly version: string;
  readonly tools: Tools;
  /** Folder of the result, in which the tools run. It is created. */
  readonly where: Where;
  /** Folder for temporary files. */
  readonly scratch: string;
  readonly onProgress: (line: string) => void;
}

/** Result of a build. */
export interface Built {
  readonly packageName: string;
  /** Version of the npm package. */
  readonly version: string;
  /** SHA-256 of each wheel, by file name. */
  readonly wheels: Readonly<Record<string, string>>;
}

const PACKAGE = '@tensorflow/tfjs-node';

/**
 * Builds a runtime from tfjs-node and the native library of the Python package.
 *
 * @param glibcMinor - minor version of this system's glibc, which limits the wheels that run here.
 * @throws SetUpError saying what is missing or what failed.
 */
export async function buildFromWheel(build: Build, glibcMinor: number): Promise<Built> {
  const { tools, where, scratch, onProgress } = build;
  const { folder: result, environment } = where;
  const { tfjsNode, nodeApiHeaders } = NPM_VERSIONS;
  await mkdir(result, { recursive: true });
  // Checked first, so that nothing is downloaded if a tool is missing.
  const pip = await firstThatRuns('pip', tools.pip, where);
  const compiler = await firstThatRuns('C++ compiler', tools.compilers, where);
  await installTfjs(build);
  const directory = join(result, 'node_modules', ...PACKAGE.split('/'));
  const wheels = await fetchLibraries(build, { pip, glibcMinor, deps: join(directory, 'deps') });
  onProgress(`Compiling the addon with ${compiler.join(' ')}, Node-API headers ${nodeApiHeaders}`);
  const headers = join(result, 'node_modules', 'node-api-headers', 'include');
  await compileAddon(compiler, { directory, headers, environment });
  await rm(scratch, { recursive: true, force: true });
  return { packageName: PACKAGE, version: tfjsNode, wheels };
}

async function installTfjs({ tools, where, onProgress }: Build): Promise<void> {
  const { tfjsNode, nodeApiHeaders } = NPM_VERSIONS;
  onProgress(`Installing ${PACKAGE} ${tfjsNode} with npm, without its scripts`);
  await installPackages(tools.npm, where, { [PACKAGE]: tfjsNode, 'node-api-headers': nodeApiHeaders });
}

interface Libraries {
  readonly pip: CommandLine;
  readonly glibcMinor: number;
  /** Folder of tfjs-node for native libraries and headers. */
  readonly deps: string;
}

/** Downloads and unpacks TensorFlow, and for a GPU the NVIDIA libraries it needs. @returns SHA-256 by file name. */
async function fetchLibraries(
  { gpu, version, where, scratch, onProgress }: Build,
  { pip, glibcMinor, deps }: Libraries,
): Promise<Record<string, string>> {
  const hashes: Record<string, string> = {};
  const fetch = async (name: string, wanted: readonly PinnedWheel[]): Promise<string[]> => {
    const named = wanted.map((wheel) => `${wheel.name} ${wheel.version}`).join(', ');
    onProgress(
      `Downloading ${named} with pip${wanted.some(({ sha256 }) => sha256) ? ', hashes pinned' : ''}`,
    );
    const folder = join(scratch, name);
    const files = await downloadWheels(pip, wanted, { ...where, folder, glibcMinor });
    for (const file of files) hashes[basename(file)] = await hashFile(file);
    return files;
  };
  const pinned = pinnedTensorFlow[gpu ? 'gpu' : 'cpu'];
  const wanted = version === DEFAULT_TENSORFLOW ? pinned : { name: pinned.name, version };
  let metadata = '';
  for (const file of await fetch('tensorflow', [wanted])) {
    onProgress(`Unpacking ${basename(file)}`);
    metadata = await unpackTensorFlow(file, deps);
    await rm(file);
  }
  if (!gpu) return hashes;
  const nvidia = nvidiaWheels(metadata);
  if (nvidia.length === 0) {
    throw new SetUpError(
      `setUpTensorFlow: tensorflow ${version} expected CUDA libraries in its extra and-cuda, got none. Choose 2.15 or newer.`,
    );
  }
  // Two downloads, because pip checks hashes of all packages of a call or of none.
  for (const [name, some] of [
    ['nvidia-pinned', nvidia.filter(({ sha256 }) => sha256 !== undefined)],
    ['nvidia-other', nvidia.filter(({ sha256 }) => sha256 === undefined)],
  ] as const) {
    if (some.length === 0) continue;
    for (const file of await fetch(name, some)) {
      onProgress(`Unpacking ${basename(file)}`);
      await unpackNvidia(file, deps);
      await rm(file);
    }
  }
  return hashes;
}

/** Headers that the addon's sources include, directly or indirectly, in any version from 2.12 on. */
const header = /^tensorflow\/include\/((?:tensorflow\/c|tensorflow\/core\/platform|(?:xla\/)?tsl)\/.*\.h)$/;
const library = /^tensorflow\/(libtensorflow_(?:cc|framework)\.so\.2)$/;

/** Unpacks the libraries and headers of a TensorFlow wheel. @returns the text of its METADATA. */
async function unpackTensorFlow(file: string, deps: string): Promise<string> {
  const wheel = await Wheel.open(file);
  try {
    let libraries = 0;
    await wheel.extract(deps, (path) => {
      const [, name] = library.exec(path) ?? [];
      if (name !== undefined) libraries++;
      return name === undefined ? placeIn('include', header.exec(path)?.[1]) : join('lib', name);
    });
    if (libraries !== 2) {
      throw new SetUpError(
        `setUpTensorFlow: ${basename(file)} expected libtensorflow_cc.so.2 and libtensorflow_framework.so.2, ` +
          'got a wheel without them. Choose another version.',
      );
    }
    for (const [link, target] of [
      ['libtensorflow.so', 'libtensorflow_cc.so.2'],
      ['libtensorflow_framework.so', 'libtensorflow_framework.so.2'],
    ] as const) {
      await symlink(target, join(deps, 'lib', link));
    }
    return await wheel.readInfo('METADATA');
  } finally {
    wheel.close();
  }
}

/**
 * Unpacks the libraries of an NVIDIA wheel in the layout of Python's `site-packages`, because the libraries find each
 * other by relative paths: the RUNPATH of TensorFlow's library contains `$ORIGIN/../nvidia/cudnn/lib` and so on.
 */
async function unpackNvidia(file: string, deps: string): Promise<void> {
  const wheel = await Wheel.open(file);
  try {
    await wheel.extract(deps, (path) => (/^nvidia\/[^/]+\/lib\/[^/]+\.so/.test(path) ? path : undefined));
  } finally {
    wheel.close();
  }
}

function placeIn(folder: string, path: string | undefined): string | undefined {
  return path === undefined ? undefined : join(folder, path);
}

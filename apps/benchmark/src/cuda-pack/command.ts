import { copyFileSync, existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { findRuntimes, type RuntimeCandidate } from '@gru4rec/tensorflow-runtime';
import yargs from 'yargs';
import { Failure, runCommand, type Surroundings, UsageError } from '../command-line.ts';
import { readEnvironment } from '../environment.ts';
import { inTemporaryFolder } from '../temporary-folder.ts';
import { runtimePlaces } from '../tensorflow.ts';
import {
  baseArchives,
  cudaFolders,
  openedLibraries,
  type Part,
  type Sources,
  stageArchive,
  writeArchive,
} from './archives.ts';

/** What the unpacking script reads. */
interface Manifest {
  /** Commit of the sources. */
  readonly commit: string;
  /** Names of the CUDA libraries that TensorFlow opens. */
  readonly libraries: readonly string[];
  readonly archives: Readonly<Record<string, { readonly parts: readonly Part[] }>>;
}

const root = fileURLToPath(new URL('../../../../', import.meta.url));
const script = fileURLToPath(new URL('../../cuda/unpack.py', import.meta.url));
const units: Readonly<Record<string, number>> = { KiB: 2 ** 10, MiB: 2 ** 20, GiB: 2 ** 30 };

/**
 * `cuda-pack --output DIR [--part-size SIZE] [--with NAME …] [--only NAME …]`.
 * @returns exit status: 0; 1 if something is missing or failed; 2 if the command line is wrong.
 * @throws errors of the file system.
 */
export function runCudaPackCommand(words: readonly string[], surroundings: Surroundings): Promise<number> {
  const { resolvePath, print, complain } = surroundings;
  return runCommand('cuda-pack', cudaPackParser(), words, surroundings, async (found) => {
    const output = resolvePath(found.output);
    const partSize = parseSize(found['part-size']);
    const runtime = findRuntime(found.device);
    const known = cudaFolders(runtime);
    const unknown = found.with.find((name) => !known.includes(name));
    if (unknown)
      throw new UsageError(`cuda-pack: "with" expected ${known.join(', ') || 'none'}, got ${unknown}`);
    const node = found.node === undefined ? process.execPath : resolvePath(found.node);
    const names = [...found.only, ...found.with];
    const manifest = await pack(names, { output, partSize }, { root, runtime, node }, complain);
    for (const line of planCalls(manifest, partSize)) print(line);
    return 0;
  });
}

function cudaPackParser() {
  const text = { type: 'string', requiresArg: true } as const;
  return yargs()
    .scriptName('cuda-pack')
    .usage('$0', 'Packs all that a bare machine with a GPU needs to measure there, in small parts.')
    .option('output', { ...text, demandOption: true, describe: 'Folder of the parts' })
    .option('part-size', { ...text, default: '48MiB', describe: 'Largest size of a part: KiB, MiB or GiB' })
    .option('device', {
      choices: ['gpu', 'cpu'] as const,
      default: 'gpu' as const,
      requiresArg: true,
      describe: 'Whose TensorFlow library to pack, of those that `npx gru4rec setup tensorflow` set up',
    })
    .option('with', {
      ...text,
      array: true,
      default: [] as string[],
      describe: 'CUDA libraries to pack too, such as cuda_runtime or cublas',
    })
    .option('only', {
      ...text,
      array: true,
      choices: baseArchives,
      default: [...baseArchives],
      describe: 'Archives to pack; those that were packed before stay',
    })
    .option('node', { ...text, describe: 'Program to pack as Node, instead of the one that runs this' });
}

function parseSize(text: string): number {
  const [, digits, unit = ''] = /^(\d+)([KMG]iB)$/.exec(text) ?? [];
  const bytes = Number(digits) * (units[unit] ?? 0);
  if (bytes > 0) return bytes;
  throw new UsageError(`cuda-pack: "part-size" expected a size such as 48MiB, got ${text}`);
}

/** @throws Failure if none is set up. */
function findRuntime(device: 'gpu' | 'cpu'): RuntimeCandidate {
  const { folder } = runtimePlaces();
  const found = findRuntimes({ folder }).find(({ gpu, problem }) => gpu === (device === 'gpu') && !problem);
  if (found) return found;
  const setup = `npm start -- setup tensorflow${device === 'gpu' ? ' --gpu --version 2.18.1' : ''}`;
  throw new Failure(
    `cuda-pack: no TensorFlow for the ${device.toUpperCase()} is set up in ${folder}. Run ${setup}.`,
  );
}

async function pack(
  names: readonly string[],
  { output, partSize }: { readonly output: string; readonly partSize: number },
  sources: Sources,
  tell: (line: string) => void,
): Promise<Manifest> {
  mkdirSync(output, { recursive: true });
  const file = join(output, 'manifest.json');
  const before: Partial<Manifest> = existsSync(file) ? JSON.parse(readFileSync(file, 'utf8')) : {};
  const archives = { ...before.archives };
  for (const name of names) {
    const start = performance.now();
    const parts = await inTemporaryFolder('gru4rec-cuda-pack', async (folder) => {
      await stageArchive(name, folder, sources);
      return writeArchive(folder, join(output, `${name}.tar.xz`), partSize);
    });
    archives[name] = { parts };
    tell(`${name}: ${mebibytes(sizeOf(parts))}, ${((performance.now() - start) / 1000).toFixed(1)} s`);
  }
  const { commit } = readEnvironment();
  const manifest = { commit, libraries: openedLibraries(sources.runtime), archives };
  copyFileSync(script, join(output, basename(script)));
  writeFileSync(file, `${JSON.stringify(manifest, undefined, 2)}\n`);
  return manifest;
}

/** Which parts to bring together, so that no call brings more than the size of a part. */
function planCalls({ archives }: Manifest, partSize: number): string[] {
  const calls: Part[][] = [];
  for (const part of Object.values(archives).flatMap(({ parts }) => parts)) {
    const call = calls.find((parts) => sizeOf(parts) + part.bytes <= partSize);
    if (call) call.push(part);
    else calls.push([part]);
  }
  return calls.map(
    (parts, i) => `call ${i + 1}, ${mebibytes(sizeOf(parts))}: ${parts.map(({ file }) => file).join(' ')}`,
  );
}

function sizeOf(parts: readonly Part[]): number {
  return parts.reduce((sum, { bytes }) => sum + bytes, 0);
}

function mebibytes(bytes: number): string {
  return `${(bytes / 2 ** 20).toFixed(1)} MiB`;
}

import { mkdir, readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { type CommandLine, type Environment, mostRelevantLine, runCommand } from './run-command.ts';
import { SetUpError } from './set-up-error.ts';

/** The folders that an addon is compiled from. */
export interface AddonParts {
  /** Folder of the package tfjs-node, with `binding/*.cc`, `deps/include` and `deps/lib`. */
  readonly directory: string;
  /** Folder of Node-API's headers. */
  readonly headers: string;
  /** Environment of the compiler. */
  readonly environment: Environment;
}

/**
 * Compiles the addon of tfjs-node from its sources with the options of its `binding.gyp`, but without node-gyp, which
 * downloads Node's own headers.
 *
 * @throws SetUpError with the compiler's first error.
 */
export async function compileAddon(
  compiler: CommandLine,
  { directory, headers, environment }: AddonParts,
): Promise<void> {
  const binding = join(directory, 'binding');
  const sources = (await readdir(binding)).filter((name) => name.endsWith('.cc')).sort();
  const output = join(directory, 'lib', 'napi-v8');
  await mkdir(output, { recursive: true });
  const { status, output: log } = await runCommand(
    [
      ...compiler,
      ...['-shared', '-fPIC', '-O2', '-std=c++17', '-DNAPI_VERSION=8', '-DBUILDING_NODE_EXTENSION'],
      ...[`-I${headers}`, `-I${join(directory, 'deps', 'include')}`, `-I${directory}`],
      ...sources.map((name) => join(binding, name)),
      ...[`-L${join(directory, 'deps', 'lib')}`, '-ltensorflow', '-ltensorflow_framework'],
      // Relative to the addon, so that the folder can be renamed.
      '-Wl,-rpath,$ORIGIN/../../deps/lib',
      ...['-o', join(output, 'tfjs_binding.node')],
    ],
    { folder: directory, environment },
  );
  if (status === 0) return;
  throw new SetUpError(
    `setUpTensorFlow: the compiler ${compiler.join(' ')} failed: ${mostRelevantLine(log, /\berror\b|undefined reference|cannot find/i)}`,
  );
}

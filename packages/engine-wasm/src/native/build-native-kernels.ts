import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { type FoundKernels, findNativeKernels } from './find-native-kernels.ts';

/** Native kernels could not be compiled. The message says what is missing, in one line. */
export class NativeBuildError extends Error {
  override readonly name = 'NativeBuildError';
}

/** How native kernels are compiled. */
export interface NativeBuildOptions {
  /** Variables of the compiler's process, as in `process.env`. `CC` names the compiler; `PATH` is searched for one. */
  readonly environment: Readonly<Record<string, string | undefined>>;
  /** Called with one line per step; not called if the addon is up to date. */
  readonly onProgress: (line: string) => void;
}

/** Native kernels that are up to date. */
export interface BuiltKernels extends FoundKernels {
  /** Whether they had to be compiled. */
  readonly compiled: boolean;
}

/** What the script's last line begins with if it fails. */
const FAILURE = 'Native kernels are not built: ';

/**
 * Compiles the native kernels for this machine in a separate process, unless they are up to date, undamaged and run. New
 * ones are tried in a process before they replace the old ones.
 *
 * @throws NativeBuildError if there is no C compiler, it fails or does not end, the processor has no kernels, or this installation has no
 * sources of them.
 */
export async function buildNativeKernels(options: NativeBuildOptions): Promise<BuiltKernels> {
  const script = fileURLToPath(new URL('../../scripts/build-native.mjs', import.meta.url));
  if (!existsSync(script)) {
    throw new NativeBuildError(
      'this installation has no sources of native kernels; a clone of the repository has',
    );
  }
  const lines = await runScript(script, options);
  const state = findNativeKernels();
  if (state.kernels) return { ...state, compiled: lines.length > 0 };
  throw new NativeBuildError(`native kernels are built but do not run: ${state.reason}`);
}

async function runScript(
  script: string,
  { environment, onProgress }: NativeBuildOptions,
): Promise<readonly string[]> {
  const child = spawn(process.execPath, [script], { env: environment, stdio: ['ignore', 'ignore', 'pipe'] });
  const end = () => child.kill();
  process.once('exit', end);
  const ended = new Promise<number | null>((resolve, reject) => {
    child.on('error', reject).on('close', resolve);
  });
  const lines: string[] = [];
  for await (const line of createInterface({ input: child.stderr })) {
    lines.push(line);
    if (!line.startsWith(FAILURE)) onProgress(line);
  }
  const status = await ended.finally(() => process.off('exit', end));
  if (status === 0) return lines;
  throw new NativeBuildError(lines.at(-1) ?? `${script} ended with ${status}`);
}

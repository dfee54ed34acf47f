import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { CiError } from './ci-error.ts';

/**
 * Runs a program to its end, without output.
 *
 * @param signal - ends it, with all that it started.
 * @throws CiError with what it wrote, if it fails; the reason of `signal`, if that ended it.
 */
export async function runProgram(
  [file, ...args]: readonly [string, ...string[]],
  { cwd, signal }: { readonly cwd: string; readonly signal: AbortSignal },
): Promise<void> {
  signal.throwIfAborted();
  // As a group of its own it can be ended with its children; Windows has no such groups.
  const grouped = process.platform !== 'win32';
  const child = spawn(file, args, { cwd, detached: grouped, stdio: ['ignore', 'pipe', 'pipe'] });
  const kill = () => {
    if (child.pid === undefined) return;
    try {
      process.kill(grouped ? -child.pid : child.pid, 'SIGKILL');
    } catch {
      // It has just ended.
    }
  };
  signal.addEventListener('abort', kill);
  let written = '';
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding('utf8').on('data', (text: string) => {
      written += text;
    });
  }
  try {
    const [code] = await once(child, 'close');
    signal.throwIfAborted();
    if (code !== 0) throw new CiError(`ci: ${[file, ...args].join(' ')} failed\n${written.trim()}`);
  } finally {
    signal.removeEventListener('abort', kill);
  }
}

import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { Failure } from '../command-line.ts';

/**
 * Runs a program until it ends, without showing its output.
 *
 * @param signal - ends the program and all its children.
 * @throws Failure with the program's output if it fails; the reason of `signal` if that ended it.
 */
export async function runProgram(
  [file, ...args]: readonly [string, ...string[]],
  { cwd, signal }: { readonly cwd: string; readonly signal: AbortSignal },
): Promise<void> {
  signal.throwIfAborted();
  // In its own process group, it can be ended with its children. Windows has no process groups.
  const grouped = process.platform !== 'win32';
  const child = spawn(file, args, { cwd, detached: grouped, stdio: ['ignore', 'pipe', 'pipe'] });
  const kill = () => {
    if (child.pid === undefined) return;
    try {
      process.kill(grouped ? -child.pid : child.pid, 'SIGKILL');
    } catch {
      // The program has just ended.
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
    if (code !== 0) throw new Failure(`ci: ${[file, ...args].join(' ')} failed\n${written.trim()}`);
  } finally {
    signal.removeEventListener('abort', kill);
  }
}

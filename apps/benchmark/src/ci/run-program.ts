import { spawn } from 'node:child_process';
import { once } from 'node:events';

/**
 * Runs a program to its end, without output.
 *
 * @param signal - ends it, with all that it started.
 * @throws Error with what it wrote, if it fails or was ended.
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
    if (code !== 0) throw new Error(`ci: ${[file, ...args].join(' ')} failed\n${written.trim()}`);
  } finally {
    signal.removeEventListener('abort', kill);
  }
}

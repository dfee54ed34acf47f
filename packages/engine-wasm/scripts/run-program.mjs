import { spawn } from 'node:child_process';

/**
 * Runs a program without a shell. It is ended, with all that it has started, after a limit and with this process.
 *
 * @param {readonly string[]} command
 * @param {number} seconds - the limit
 * @returns {Promise<{ status: number | null, stdout: string, stderr: string, problem: string }>} no status if the program
 * could not be started or was ended; `problem` says how it failed
 */
export function runProgram([name = '', ...args], seconds) {
  // A process group, which a signal reaches as a whole. Windows has none.
  const hasGroup = process.platform !== 'win32';
  const child = spawn(name, args, { detached: hasGroup, stdio: ['ignore', 'pipe', 'pipe'] });
  const end = () => {
    if (child.pid === undefined) return;
    try {
      process.kill(hasGroup ? -child.pid : child.pid, 'SIGKILL');
    } catch {
      // It has ended.
    }
  };
  const texts = { stdout: '', stderr: '' };
  for (const stream of /** @type {const} */ (['stdout', 'stderr'])) {
    child[stream].setEncoding('utf8').on('data', (text) => (texts[stream] += text));
  }
  process.once('exit', end);
  /** @type {NodeJS.Timeout | undefined} */
  let timer;
  return new Promise((resolve) => {
    const settle = (/** @type {number | null} */ status, /** @type {string} */ problem) =>
      resolve({ status, ...texts, problem });
    timer = setTimeout(() => {
      end();
      // Something that left the group may hold them.
      child.stdout.destroy();
      child.stderr.destroy();
      settle(null, `did not end within ${seconds} s`);
    }, seconds * 1000);
    child.on('error', ({ message }) => settle(null, message));
    child.on('close', (status, signal) => settle(status, `ended with ${signal ?? status}`));
  }).finally(() => {
    clearTimeout(timer);
    process.off('exit', end);
  });
}

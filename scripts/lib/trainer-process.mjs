import { spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { repositoryRoot } from './repository.mjs';

/**
 * How a run of the trainer ended.
 *
 * @typedef {object} TrainerRun
 * @property {number | null} code - null after a signal
 * @property {boolean} killed - whether it was killed as asked
 * @property {string} stderr
 * @property {number[]} rss - MiB, one sample per second; empty where the system does not report it
 */

const script = join(repositoryRoot, 'scripts', 'start.mjs');
const SAMPLE_MS = 1000;
const MIB = 1024;

/**
 * Runs the trainer as one process, so that a kill hits the process that writes.
 *
 * @param {string[]} argv
 * @param {{ directory: string, killAfterMs?: number }} options
 * @returns {Promise<TrainerRun>}
 */
export async function runTrainer(argv, { directory, killAfterMs }) {
  const child = spawn(process.execPath, [script, ...argv], {
    cwd: directory,
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  const run = { code: /** @type {number | null} */ (null), killed: false, stderr: '', rss: [] };
  child.stderr.on('data', (text) => {
    run.stderr += String(text);
  });
  const sampler = setInterval(() => sampleRss(child.pid, run.rss), SAMPLE_MS);
  const timer = new AbortController();
  if (killAfterMs !== undefined) {
    setTimeout(killAfterMs, undefined, { signal: timer.signal }).then(
      () => {
        run.killed = child.kill('SIGKILL');
      },
      () => {},
    );
  }
  run.code = await new Promise((resolve, reject) => child.on('close', resolve).on('error', reject));
  timer.abort();
  clearInterval(sampler);
  return run;
}

/**
 * @param {number | undefined} pid
 * @param {number[]} samples
 */
function sampleRss(pid, samples) {
  try {
    const [, kibibytes] = /^VmRSS:\s+(\d+) kB$/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8')) ?? [];
    if (kibibytes !== undefined) samples.push(Number(kibibytes) / MIB);
  } catch {
    // The process has ended, or this is not Linux.
  }
}

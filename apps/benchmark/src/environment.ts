import { execFileSync } from 'node:child_process';
import { cpus, loadavg } from 'node:os';
import { memoryOf } from './memory-of.ts';

/** Where figures come from. Holds no path and no host name. */
export interface Environment {
  readonly cpu: string;
  readonly cores: number;
  readonly platform: string;
  readonly node: string;
  /** Short hash, with `+` if files differed from it; `unknown` outside a repository. */
  readonly commit: string;
  readonly date: string;
  /** Load average of the last minute at the start. */
  readonly load: number;
}

export function readEnvironment(): Environment {
  const cores = cpus();
  return {
    cpu: cores[0]?.model.trim() ?? 'unknown',
    cores: cores.length,
    platform: `${process.platform} ${process.arch}`,
    node: process.version,
    commit: readCommit(),
    date: new Date().toISOString().slice(0, 10),
    load: loadavg()[0] ?? 0,
  };
}

function readCommit(): string {
  const git = (...words: string[]): string =>
    execFileSync('git', words, { encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] }).trim();
  try {
    return `${git('rev-parse', '--short', 'HEAD')}${git('status', '--porcelain') === '' ? '' : '+'}`;
  } catch {
    return 'unknown';
  }
}

/**
 * Why this is no moment to measure.
 *
 * @param load - processes that ran or waited in the last minute, on average; 0 where the system does not tell.
 * @returns undefined if it is one.
 */
export function loadProblem(
  load: number = loadavg()[0] ?? 0,
  cores: number = cpus().length,
): string | undefined {
  const limit = cores / 2;
  if (load <= limit) return undefined;
  return `the load average is ${load.toFixed(2)}, above ${limit}. Wait, or measure all the same with --force.`;
}

/**
 * Largest memory of this process so far, in MiB. What getrusage tells may be that of the process it was started from.
 */
export function peakMiB(): number {
  return memoryOf('VmHWM') ?? process.resourceUsage().maxRSS / 1024;
}

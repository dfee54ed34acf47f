import { execFileSync } from 'node:child_process';
import { cpus, loadavg } from 'node:os';
import { peakMemoryOf } from './memory-of.ts';

/** The environment in which figures were measured, without paths or host names. */
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

/** The environment of this process, with the commit that is checked out. */
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
 * Why the machine is too busy to measure.
 *
 * @param load - processes that ran or waited in the last minute, on average; 0 where the system does not report it.
 * @returns undefined if it is not too busy.
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
 * Peak memory of this process so far, in MiB. getrusage may report that of the parent process instead.
 */
export function peakMiB(): number {
  return peakMemoryOf('self') ?? process.resourceUsage().maxRSS / 1024;
}

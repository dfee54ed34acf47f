import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { cpus, loadavg, tmpdir } from 'node:os';
import { join } from 'node:path';

/** No paths or host names. `commit`: short hash, `+` if files differed, or `unknown`; `load`: of the last minute, at start. */
export type Environment = Readonly<
  Record<'cpu' | 'platform' | 'node' | 'commit' | 'date', string> & Record<'cores' | 'load', number>
>;

export function readEnvironment(): Environment {
  const [{ model = 'unknown' } = {}] = cpus();
  return {
    cpu: model.trim(),
    cores: cpus().length,
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

/** Peak memory of a process since its program was started, in MiB; 0 if the system does not report it. */
export function peakMiB(pid: number | undefined | 'self'): number {
  try {
    const [, kib] = /^VmHWM:\s+(\d+) kB$/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8')) ?? [];
    if (kib !== undefined) return Number(kib) / 1024;
  } catch {
    // Only Linux has this file.
  }
  return pid === 'self' ? process.resourceUsage().maxRSS / 1024 : 0;
}

export interface Program {
  readonly file: string;
  readonly words: readonly string[];
}

/** The folder is removed also after a failure. */
export async function inTemporaryFolder<T>(name: string, use: (folder: string) => Promise<T>): Promise<T> {
  const folder = mkdtempSync(join(tmpdir(), `${name}-`));
  try {
    return await use(folder);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

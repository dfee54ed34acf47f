import { readFileSync } from 'node:fs';

/**
 * Peak memory of a process since its program was started, in MiB.
 *
 * @returns undefined if the system does not report it or the process has ended.
 */
export function peakMemoryOf(pid: number | 'self'): number | undefined {
  try {
    const [, kib] = /^VmHWM:\s+(\d+) kB$/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8')) ?? [];
    return kib === undefined ? undefined : Number(kib) / 1024;
  } catch {
    return undefined;
  }
}

import { readFileSync } from 'node:fs';

/**
 * Memory that a process uses now (`VmRSS`), or its peak since its program was started (`VmHWM`), in MiB.
 *
 * @param pid - default: this process.
 * @returns undefined if the system does not report it or the process has ended.
 */
export function memoryOf(figure: 'VmRSS' | 'VmHWM', pid: number | 'self' = 'self'): number | undefined {
  try {
    const status = readFileSync(`/proc/${pid}/status`, 'utf8');
    const [, kib] = new RegExp(`^${figure}:\\s+(\\d+) kB$`, 'm').exec(status) ?? [];
    return kib === undefined ? undefined : Number(kib) / 1024;
  } catch {
    return undefined;
  }
}

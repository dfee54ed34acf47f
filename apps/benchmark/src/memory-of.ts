import { readFileSync } from 'node:fs';

/**
 * Memory that a process holds now (`VmRSS`), or held at most since its program was started (`VmHWM`), in MiB.
 *
 * @param pid - this process if not given.
 * @returns undefined where the system does not tell, or of a process that is gone.
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

import { readdirSync, readFileSync } from 'node:fs';

/** The process ids of Spark's executors, descendants of this process. Linux only. */
export function executors(): number[] {
  const parents = new Map<number, number>();
  const found: number[] = [];
  for (const name of readdirSync('/proc')) {
    if (!/^\d+$/.test(name)) continue;
    const status = read(`/proc/${name}/stat`);
    parents.set(Number(name), Number(status.slice(status.lastIndexOf(')')).split(' ')[2]));
    const isExecutor = read(`/proc/${name}/cmdline`).includes('CoarseGrainedExecutorBackend');
    // A zombie process has no command line.
    if (isExecutor) found.push(Number(name));
  }
  return found.filter((pid) => {
    for (let at: number | undefined = pid; at !== undefined && at > 1; at = parents.get(at)) {
      if (at === process.pid) return true;
    }
    return false;
  });
}

function read(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return '';
  }
}

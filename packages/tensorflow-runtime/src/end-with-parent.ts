import type { ChildProcess } from 'node:child_process';

/** Sends a child process SIGTERM when this process emits `exit`, unless the child has ended before. */
export function endWithParent(child: ChildProcess): void {
  const end = () => child.kill('SIGTERM');
  process.on('exit', end);
  child.once('close', () => process.off('exit', end));
  child.once('error', () => process.off('exit', end));
}

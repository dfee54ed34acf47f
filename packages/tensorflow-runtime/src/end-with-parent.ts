import type { ChildProcess } from 'node:child_process';

/** Ends a process, until it has ended by itself, when this one ends by way of its `exit` listeners. */
export function endWithParent(child: ChildProcess): void {
  const end = () => child.kill('SIGTERM');
  process.on('exit', end);
  child.once('close', () => process.off('exit', end));
  child.once('error', () => process.off('exit', end));
}

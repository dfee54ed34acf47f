import { constants } from 'node:os';

const signals = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;

/**
 * Until it is undone, a signal to stop ends the process by way of its `exit` listeners, which remove what is
 * half-written. For work that does not block the event loop: elsewhere the signal would wait.
 *
 * @returns what undoes it.
 */
export function leaveOnSignal(): () => void {
  const leave = (signal: (typeof signals)[number]) => process.exit(128 + constants.signals[signal]);
  for (const signal of signals) process.once(signal, leave);
  return () => {
    for (const signal of signals) process.off(signal, leave);
  };
}

import { constants } from 'node:os';

const signals = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;

/** A signal that training answers with a checkpoint. */
export type StopSignal = 'SIGINT' | 'SIGTERM';

/** What ends with a signal to stop. */
export interface Interruption {
  /** Aborted by the first such signal, which is its reason; the second ends the process at once. */
  readonly signal: AbortSignal;
  /** Gives the signals back. */
  undo(): void;
}

/** Hears signals to stop, for work that looks at an `AbortSignal` from time to time. */
export function interruptOnSignal(): Interruption {
  const controller = new AbortController();
  const abort = (signal: StopSignal) => {
    undo();
    controller.abort(signal);
  };
  const undo = () => {
    for (const signal of ['SIGINT', 'SIGTERM'] as const) process.off(signal, abort);
  };
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, abort);
  return { signal: controller.signal, undo };
}

/** Ends the process as a signal does: with 130 for SIGINT, 143 for SIGTERM. */
export function leaveBy(signal: StopSignal): never {
  process.exit(128 + constants.signals[signal]);
}

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

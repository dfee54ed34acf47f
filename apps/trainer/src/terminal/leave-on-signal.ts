import { constants as fileConstants, readFileSync } from 'node:fs';
import { constants } from 'node:os';

const signals = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;

/** A signal that asks a run to stop. */
export type StopSignal = (typeof signals)[number];

/**
 * Within this time a signal that comes again is the same one: Ctrl-C reaches the whole group of the terminal, and npm
 * hands it on once more.
 */
const SAME_MS = 1000;

/** What ends with a signal to stop. */
export interface Interruption {
  /**
   * Aborted by the first such signal, which is its reason. A later SIGINT or SIGTERM ends the process at once; a later
   * SIGHUP only says that whoever started the run has gone too.
   */
  readonly signal: AbortSignal;
  /** Gives the signals back. */
  undo(): void;
}

/** Hears signals to stop, for work that looks at an `AbortSignal` from time to time. */
export function interruptOnSignal(): Interruption {
  const controller = new AbortController();
  let firstMs = 0;
  const hear = (signal: StopSignal) => {
    if (!controller.signal.aborted) {
      firstMs = performance.now();
      controller.abort(signal);
    } else if (signal !== 'SIGHUP' && performance.now() - firstMs > SAME_MS) leaveBy(signal);
  };
  return { signal: controller.signal, undo: hearSignals(hear) };
}

/** Ends the process as a signal does: with 128 + its number. */
export function leaveBy(signal: StopSignal): never {
  process.exit(128 + constants.signals[signal]);
}

/**
 * Until it is undone, a signal to stop ends the process: after its `exit` listeners, which remove what is half-written,
 * it dies of the signal, because an exit waits for what other threads are at. For work that does not block the event
 * loop: elsewhere the signal would wait.
 *
 * @returns what undoes it.
 */
export function leaveOnSignal(): () => void {
  const undo = hearSignals((signal) => {
    undo();
    // Windows has no such death: there the exit waits.
    if (process.platform !== 'win32') process.once('exit', () => process.kill(process.pid, signal));
    leaveBy(signal);
  });
  return undo;
}

/** Leaves signals to stop to another process, which the terminal sends them to as well. */
export function leaveSignalsToParent(): void {
  hearSignals(() => undefined);
}

/**
 * Lets a run under nohup outlive its terminal. Node gives every signal its usual effect when it starts, so what nohup
 * asked for is lost: this asks for it again.
 */
export function stayUnderNohup(): void {
  if (isUnderNohup()) process.on('SIGHUP', () => undefined);
}

function hearSignals(hear: (signal: StopSignal) => void): () => void {
  const heard = isUnderNohup() ? signals.filter((signal) => signal !== 'SIGHUP') : signals;
  for (const signal of heard) process.on(signal, hear);
  return () => {
    for (const signal of heard) process.off(signal, hear);
  };
}

/** A shell names the command it started, nohup, in `_`; nohup makes a standard input that only takes bytes. */
function isUnderNohup(): boolean {
  if (process.env['_']?.split('/').at(-1) === 'nohup') return true;
  try {
    const [, access] = /^flags:\s*\d*(\d)$/m.exec(readFileSync('/proc/self/fdinfo/0', 'utf8')) ?? [];
    return Number(access) % 4 === fileConstants.O_WRONLY;
  } catch {
    return false;
  }
}

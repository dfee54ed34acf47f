import type { EventEmitter } from 'node:events';
import { constants as fileConstants, readFileSync } from 'node:fs';
import { constants } from 'node:os';
import { describeError } from './describe-error.ts';
import { printable } from './printable.ts';
import { Output, type Streams } from './terminal.ts';

const signals = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;

export type StopSignal = (typeof signals)[number];

/**
 * A signal that is repeated within this time counts once: Ctrl-C reaches the whole process group of the terminal, and npm
 * forwards it again.
 */
const SAME_MS = 1000;

/** The handling of signals to stop, until it is undone. */
interface Interruption {
  /**
   * Aborted by the first signal, which becomes its reason. A later SIGINT or SIGTERM ends the process at once; a later SIGHUP
   * is ignored.
   */
  readonly signal: AbortSignal;
  undo(): void;
}

/** Handles signals to stop, for work that checks an `AbortSignal`. */
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

/** Ends the process with the exit code of a signal: 128 + its number. */
export function leaveBy(signal: StopSignal): never {
  process.exit(128 + constants.signals[signal]);
}

/**
 * Lets a signal to stop end the process. After its `exit` listeners, which remove incomplete files, the process is killed by
 * the signal, because a normal exit waits for other threads. For work that does not block the event loop, which would delay
 * the signal.
 *
 * @returns a function that restores the usual effect.
 */
export function leaveOnSignal(): () => void {
  const undo = hearSignals((signal) => {
    undo();
    // Windows has no such signals; the exit waits there.
    if (process.platform !== 'win32') process.once('exit', () => process.kill(process.pid, signal));
    leaveBy(signal);
  });
  return undo;
}

/** Ignores signals to stop, which the terminal also sends to the parent process. */
export function leaveSignalsToParent(): void {
  hearSignals(() => undefined);
}

/**
 * Lets a run under nohup outlive its terminal. Node resets signals when it starts, which undoes nohup; this ignores SIGHUP
 * again.
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

/** A shell sets `_` to the command that it started, nohup, which makes standard input write-only. */
function isUnderNohup(): boolean {
  if (process.env['_']?.split('/').at(-1) === 'nohup') return true;
  try {
    const [, access] = /^flags:\s*\d*(\d)$/m.exec(readFileSync('/proc/self/fdinfo/0', 'utf8')) ?? [];
    return Number(access) % 4 === fileConstants.O_WRONLY;
  } catch {
    return false;
  }
}

/**
 * Handles uncaught errors, such as one in a callback, and promises that never settle: prints a line, and ends the process with
 * exit code 1.
 *
 * @param source - the process.
 * @param leave - ends the process with an exit code.
 */
export function watchErrors(
  source: Pick<EventEmitter, 'on'> & Pick<NodeJS.Process, 'exitCode'>,
  { stderr, debug }: Pick<Streams, 'stderr' | 'debug'>,
  leave: (code: number) => void,
): void {
  source.on('uncaughtException', (error: unknown) => {
    const stack = debug && error instanceof Error ? `${error.stack}\n` : '';
    new Output(stderr).write(`${describeError(error)}\n${stack}`);
    leave(1);
  });
  source.on('exit', () => {
    // Node's code for a program that waits while nothing is left to do.
    if (source.exitCode !== 13) return;
    stderr.write('The command waits for a promise that nothing settles, such as one in a --models module\n');
    source.exitCode = 1;
  });
}

/**
 * Handles errors of the standard streams, which would otherwise end the process with a stack.
 *
 * If a result cannot be written, prints a line and ends the process with exit code 1. If the reader has closed the pipe, as
 * `head` does, ends it silently, with the exit code of SIGPIPE. Errors of writing progress are ignored.
 *
 * @param leave - ends the process with an exit code.
 */
export function watchOutput(
  { stdout, stderr }: Pick<Streams, 'stdout' | 'stderr'>,
  leave: (code: number) => void,
): void {
  stderr.on('error', () => {});
  stdout.on('error', (error: NodeJS.ErrnoException) => {
    if (error.code === 'EPIPE') return leave(128 + constants.signals.SIGPIPE);
    stderr.write(`Standard output cannot be written: ${printable(error.message)}\n`);
    leave(1);
  });
}

import type { EventEmitter } from 'node:events';
import { constants as fileConstants, readFileSync } from 'node:fs';
import { constants } from 'node:os';
import { describeError } from './describe-error.ts';
import { printable } from './printable.ts';
import { Output, type Streams } from './terminal.ts';

const signals = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;

export type StopSignal = (typeof signals)[number];

/** A signal counts once within this time: Ctrl-C reaches the process group, and npm forwards it again. */
const SAME_MS = 1000;

interface Interruption {
  /** Aborted by the first signal, its reason. A later SIGINT or SIGTERM ends the process at once; a later SIGHUP is ignored. */
  readonly signal: AbortSignal;
  undo(): void;
}

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
 * After its `exit` listeners, a signal kills the process, because a normal exit waits for other threads. For work that leaves
 * the event loop free. Returns a function that undoes this.
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

/** Node resets signals when it starts, which undoes nohup. */
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

/** Uncaught errors and promises that never settle: a line, and exit code 1. */
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
 * A result that cannot be written: a line and exit code 1. A pipe that its reader closed, as `head` does: silently, as SIGPIPE.
 * Errors of writing progress are ignored.
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

import type { EventEmitter } from 'node:events';
import { constants } from 'node:os';
import { describeError } from './describe-error.ts';
import { printable } from './printable.ts';
import type { Streams } from './terminal.ts';
import { Output } from './terminal.ts';

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

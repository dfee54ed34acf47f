import type { EventEmitter } from 'node:events';
import { constants } from 'node:os';
import { describeError } from './describe-error.ts';
import { printable } from './printable.ts';
import type { Streams } from './terminal.ts';
import { Output } from './terminal.ts';

/**
 * Watches for errors that reach nobody, such as one in a callback: a line says what came, and the process ends with 1.
 *
 * @param source - the process.
 * @param leave - ends the process with an exit code.
 */
export function watchErrors(
  source: Pick<EventEmitter, 'on'>,
  { stderr, debug }: Pick<Streams, 'stderr' | 'debug'>,
  leave: (code: number) => void,
): void {
  source.on('uncaughtException', (error: unknown) => {
    const stack = debug && error instanceof Error ? `${error.stack}\n` : '';
    new Output(stderr).write(`${describeError(error)}\n${stack}`);
    leave(1);
  });
}

/**
 * Watches the standard streams, whose errors would otherwise end the process with a stack.
 *
 * A result that cannot be written ends it with 1 and a line that says why; a reader that has gone, as `head` does, ends
 * it quietly, as a program ends that the signal of a broken pipe stops. Progress that cannot be written stops nothing:
 * the work goes on.
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

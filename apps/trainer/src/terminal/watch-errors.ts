import type { EventEmitter } from 'node:events';
import { describeError } from './describe-error.ts';
import { Output, type Streams } from './terminal.ts';

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

import { format } from 'node:util';
import { pino } from 'pino';
import type { Terminal } from '../terminal/terminal.ts';

/** The log of a server: JSON Lines on standard error. */
export function serverLog({ stderr }: Terminal): ReturnType<typeof pino> {
  return pino({ base: null, timestamp: pino.stdTimeFunctions.isoTime }, stderr.raw);
}

/**
 * Logs what libraries write to the console as one line each without stacks.
 * @returns a function that gives the console back.
 */
export function logConsole(log: ReturnType<typeof serverLog>): () => void {
  const { error, warn } = console;
  const text = (words: readonly unknown[]) =>
    words.map((word) => (word instanceof Error ? word.message : word));
  console.error = (...words) => log.error({ error: format(...text(words)) }, 'A library reports an error');
  console.warn = (...words) => log.warn({ error: format(...text(words)) }, 'A library warns');
  return () => Object.assign(console, { error, warn });
}

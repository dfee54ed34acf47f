import { pino } from 'pino';
import type { Terminal } from '../terminal/terminal.ts';

/** Levels of `--log-level`. */
export const logLevels = ['error', 'warn', 'info', 'debug', 'silent'] as const;

/** A level of `--log-level`. */
export type LogLevel = (typeof logLevels)[number];

/** The log of a server: JSON Lines on standard error. */
export function serverLog({ stderr }: Terminal, level: LogLevel): ReturnType<typeof pino> {
  return pino({ level, base: null, timestamp: pino.stdTimeFunctions.isoTime }, stderr.raw);
}

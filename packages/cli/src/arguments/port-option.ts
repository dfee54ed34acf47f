import type { Options } from 'yargs';
import { integerOr } from './options.ts';
import { UsageError } from './usage-error.ts';
import { type Coerce, integer } from './values.ts';

const MOST_PORT = 65_535;

/** Port of a server. */
export const portOption: Options & { type: 'string'; coerce: Coerce<number>; default: string } = {
  ...integerOr(8080, 'port', 0, 'Port; 0 takes a free one'),
  coerce(value: unknown): number {
    const port = integer('port', 0)(value);
    if (port <= MOST_PORT) return port;
    throw new UsageError(`--port expected an integer from 0 to ${MOST_PORT}, got "${port}"`);
  },
};

import type { Options } from 'yargs';
import { integerOr } from './options.ts';
import { type Coerce, integer } from './values.ts';

/** Port of a server. */
export const portOption: Options & { type: 'string'; coerce: Coerce<number>; default: string } = {
  ...integerOr(8080, 'port', 0, 'Port; 0 takes a free one'),
  coerce: integer('port', 0, 65_535),
};

/** The error of a server that cannot open its port. */
export function cannotListen(
  what: string,
  { host, port, cause }: { readonly host: string; readonly port: number; readonly cause: Error },
): Error {
  const isPort = /EADDRINUSE|EACCES/.test(cause.message);
  const advice = isPort ? ' (name another with --port; 0 takes a free one)' : '';
  return new Error(`The ${what} cannot listen at ${host}, port ${port}${advice}`, { cause });
}

import type { Options } from 'yargs';
import { integerOr } from './options.ts';
import { type Coerce, integer } from './values.ts';

/** Port of a server. */
export const portOption: Options & { type: 'string'; coerce: Coerce<number>; default: string } = {
  ...integerOr(8080, 'port', 0, 'Port; 0 takes a free one'),
  coerce: integer('port', 0, 65_535),
};

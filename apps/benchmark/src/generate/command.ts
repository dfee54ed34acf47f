import yargs from 'yargs';
import { runCommand, type Surroundings, UsageError } from '../command-line.ts';
import { whole } from '../figures.ts';
import { writeLogParts } from './write-log-parts.ts';

/**
 * `generate --output DIR [--events N] [--items N] [--seed N] …`.
 * @returns exit status: 0; 2 if the command line is wrong.
 * @throws errors of the file system; the reason of the signal if it aborts.
 */
export function runGenerateCommand(words: readonly string[], surroundings: Surroundings): Promise<number> {
  const { resolvePath, print, complain, signal } = surroundings;
  return runCommand('generate', generateParser(), words, surroundings, async (found) => {
    const { events, items, days, seed, output, 'rows-per-part': rowsPerPart } = found;
    const start = performance.now();
    const onPart = (rows: number) => {
      const left = ((performance.now() - start) / 1000) * (events / rows - 1);
      if (rows < events) complain(`${whole(rows)} of ${whole(events)} events, ${Math.ceil(left)} s left`);
    };
    const log = { events, items, days, seed, rowsPerPart, onPart, ...(signal && { signal }) };
    const parts = await writeLogParts(resolvePath(output), log).catch((error: Error) => {
      if (!(error instanceof RangeError)) throw error;
      throw new UsageError(error.message.replace(/^\w+:/, 'generate:'));
    });
    const seconds = ((performance.now() - start) / 1000).toFixed(1);
    print(`${output}: ${whole(events)} events in ${parts} ${parts === 1 ? 'part' : 'parts'}, ${seconds} s`);
    return 0;
  });
}

function generateParser() {
  const number = { type: 'number', requiresArg: true } as const;
  return yargs()
    .scriptName('generate')
    .usage('$0', 'Writes a seeded, long-tailed log of visits to a shop as Parquet files of bounded size.')
    .option('output', {
      type: 'string',
      requiresArg: true,
      demandOption: true,
      describe: 'New folder for the files',
    })
    .option('events', { ...number, default: 1_000_000, describe: 'Number of rows' })
    .option('items', { ...number, default: 100_000, describe: 'Number of items in the shop' })
    .option('days', { ...number, default: 30, describe: 'Days that the log spans' })
    .option('seed', { ...number, default: 1, describe: 'Equal seeds give equal rows' })
    .option('rows-per-part', { ...number, default: 1_000_000, describe: 'Rows per file' });
}

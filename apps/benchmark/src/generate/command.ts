import yargs from 'yargs';
import { parseWords, UsageError } from '../parse-words.ts';
import { writeLogParts } from './write-log-parts.ts';

/** The parts of the process that the command uses. */
export interface GenerateSurroundings {
  readonly resolvePath: (path: string) => string;
  readonly print: (line: string) => void;
  readonly complain: (line: string) => void;
  /** Ends the command, without leaving incomplete files. */
  readonly signal?: AbortSignal;
}

/**
 * `generate --output DIR [--events N] [--items N] [--seed N] …`.
 * @returns exit status: 0; 2 if the command line is wrong.
 * @throws errors of the file system; the reason of the signal if it aborts.
 */
export async function runGenerateCommand(
  words: readonly string[],
  { resolvePath, print, complain, signal }: GenerateSurroundings,
): Promise<number> {
  try {
    const found = parseWords(generateParser(), words);
    if (typeof found === 'string') {
      print(found);
      return 0;
    }
    const { events, items, days, seed, output, 'rows-per-part': rowsPerPart } = found;
    const start = performance.now();
    const parts = await writeLogParts(resolvePath(output), {
      ...{ events, items, days, seed, rowsPerPart },
      ...(signal && { signal }),
      onPart: (rows) => {
        if (rows < events) complain(progressLine(rows, events, start));
      },
    });
    const seconds = ((performance.now() - start) / 1000).toFixed(1);
    print(`${output}: ${digits(events)} events in ${parts} ${parts === 1 ? 'part' : 'parts'}, ${seconds} s`);
    return 0;
  } catch (error) {
    if (!(error instanceof UsageError) && !(error instanceof RangeError)) throw error;
    complain(error.message.replace(/^\w+:/, 'generate:'));
    return 2;
  }
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

function progressLine(rows: number, events: number, start: number): string {
  const left = ((performance.now() - start) / 1000) * (events / rows - 1);
  return `${digits(rows)} of ${digits(events)} events, ${Math.ceil(left)} s left`;
}

function digits(value: number): string {
  return value.toLocaleString('en-US');
}

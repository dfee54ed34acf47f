import { resolve } from 'node:path';
import { UsageError } from '@gru4rec/checked-options';
import { type Contender, type KeepSettings, namesToKeep } from '@gru4rec/comparison';
import type { Argv, InferredOptionTypes, Options } from 'yargs';
import { commandLine, programName } from '../terminal/invocation.ts';
import { printable } from '../terminal/printable.ts';
import { checkOutputFolder } from './folders.ts';
import { flag, parsedText } from './options.ts';

interface Kept {
  readonly contender: string;
  readonly folder: string;
}

const keptFolder = { marker: 'recommender.json', also: ['model.json'], content: 'recommender' };

const keepOptions = {
  keep: parsedText(
    'keep',
    'Write the folder of the contender with the highest MRR, for serve and others, or with NAME=FOLDER that of one of --models; not written if a gate fails',
    parseKept,
  ),
  overwrite: flag('Replace what the folder to keep holds'),
} satisfies Record<string, Options>;

type KeepArguments = InferredOptionTypes<typeof keepOptions>;

/** Adds the options of `compare` that write the folder of a contender. */
export function withKeepOptions<T>(yargs: Argv<T>) {
  return yargs.options(keepOptions);
}

/** `FOLDER`, or `NAME=FOLDER`. */
function parseKept(text: string): Kept {
  const [, contender = 'best', folder = ''] = /^(?:(.+)=)?([^=]+)$/s.exec(text) ?? [];
  if (folder !== '') return { contender, folder };
  throw new UsageError(`--keep expected FOLDER or NAME=FOLDER, got ${JSON.stringify(text)}`);
}

/** Checks the name of `--keep`. @throws UsageError if no contender has it. */
export function checkKeep({ keep }: KeepArguments, contenders: readonly Contender[]): void {
  if (keep !== undefined) namesToKeep(keep.contender, contenders);
}

/**
 * The setting of the comparison for the arguments; undefined without `--keep`.
 * @throws Error if the folder cannot be written at the end.
 */
export async function keepSettings(
  { keep, overwrite }: KeepArguments,
  directory: string,
): Promise<KeepSettings | undefined> {
  if (keep === undefined) return undefined;
  const folder = resolve(directory, keep.folder);
  await checkOutputFolder(folder, overwrite, keptFolder);
  return { contender: keep.contender, directory: folder };
}

/** Where a contender is now, and the line that serves it. */
export function describeKept(name: string, { keep }: KeepArguments): string {
  const folder = keep?.folder ?? '';
  const serve = commandLine(['serve', folder], programName());
  return `${printable(name)} is in ${folder}. Serve it: ${serve}\n`;
}

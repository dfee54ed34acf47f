import { resolve } from 'node:path';
import { UsageError } from '@gru4rec/checked-options';
import { type Contender, type KeepSettings, namesToKeep } from '@gru4rec/comparison';
import type { Argv } from 'yargs';
import { commandLine, programName } from '../terminal/invocation.ts';
import { printable } from '../terminal/printable.ts';
import { checkOutputFolder } from './check-output.ts';
import { flag, optionalText } from './options.ts';

/** The arguments of `compare` that write the folder of a contender. */
export interface KeepArguments {
  keep: string | undefined;
  'keep-output': string | undefined;
  overwrite: boolean;
}

const keptFolder = { marker: 'recommender.json', also: ['model.json'], content: 'recommender' };

/** Adds the options of `KeepArguments`. */
export function withKeepOptions<T>(yargs: Argv<T>): Argv<T & KeepArguments> {
  return yargs
    .option(
      'keep',
      optionalText(
        'keep',
        'Write the folder of a contender, for serve and others: best (the highest MRR), or one of --models',
      ),
    )
    .option(
      'keep-output',
      optionalText('keep-output', 'Folder of what --keep names; not written if a gate fails'),
    )
    .option('overwrite', flag('Replace what the folder to keep holds'));
}

/** Checks the options of `KeepArguments`. @throws UsageError if one lacks the other, or no contender has the name. */
export function checkKeep(
  { keep, 'keep-output': output }: KeepArguments,
  contenders: readonly Contender[],
): void {
  if (keep !== undefined && output === undefined) {
    throw new UsageError('--keep expected --keep-output FOLDER with it');
  }
  if (keep === undefined && output !== undefined) {
    throw new UsageError('--keep-output expected --keep NAME with it');
  }
  if (keep !== undefined) namesToKeep(keep, contenders);
}

/**
 * The setting of the comparison for the arguments; undefined without `--keep`.
 * @throws Error if the folder cannot be written at the end.
 */
export async function keepSettings(
  { keep, 'keep-output': output, overwrite }: KeepArguments,
  directory: string,
): Promise<KeepSettings | undefined> {
  if (keep === undefined || output === undefined) return undefined;
  const folder = resolve(directory, output);
  await checkOutputFolder(folder, overwrite, keptFolder);
  return { contender: keep, directory: folder };
}

/** Where a contender is now, and the line that serves it. */
export function describeKept(name: string, { 'keep-output': folder = '' }: KeepArguments): string {
  const serve = commandLine(['serve', folder], programName());
  return `${printable(name)} is in ${folder}. Serve it: ${serve}\n`;
}

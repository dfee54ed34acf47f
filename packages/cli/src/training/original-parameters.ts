import { resolve } from 'node:path';
import { parseParameterFile, parseParameterString, toConfig } from '@gru4rec/import-gru4rec';
import type { ArgumentsCamelCase, Argv } from 'yargs';
import { MAX_SETTINGS_BYTES, readBoundedText } from '../arguments/read-bounded.ts';
import { once } from '../arguments/values.ts';
import type { Terminal } from '../terminal/terminal.ts';

/** Arguments with hyper-parameters in the format of the authors' PyTorch program. */
export interface OriginalArguments {
  'parameter-string': string | undefined;
  'parameter-file': string | undefined;
}

type OriginalValues = Pick<ArgumentsCamelCase<OriginalArguments>, 'parameterString' | 'parameterFile'>;

/**
 * Adds the options for hyper-parameters in the format of the authors' PyTorch program.
 *
 * @param group - the heading in `--help`; the one of all other options if not given.
 */
export function withOriginalOptions<T>(yargs: Argv<T>, group?: string): Argv<T & OriginalArguments> {
  const heading = group === undefined ? {} : { group };
  return yargs
    .option('parameter-string', {
      type: 'string',
      requiresArg: true,
      alias: 'ps',
      ...heading,
      conflicts: 'parameter-file',
      describe: 'Hyper-parameters in the format of the authors’ PyTorch program: loss=bpr-max,layers=224,…',
      coerce: once('parameter-string'),
    })
    .option('parameter-file', {
      type: 'string',
      requiresArg: true,
      alias: 'pf',
      ...heading,
      describe: 'A parameter file of that program (an OrderedDict of literals; it is never run)',
      coerce: once('parameter-file'),
    }) as unknown as Argv<T & OriginalArguments>;
}

/**
 * Converts hyper-parameters of the authors to ours. Prints notes about the conversion to standard error.
 *
 * @returns undefined if none are given.
 * @throws OriginalFormatError if a parameter is wrong or has no counterpart.
 */
export async function readOriginalParameters(
  { parameterString, parameterFile }: OriginalValues,
  { directory, stderr }: Terminal,
): Promise<Readonly<Record<string, unknown>> | undefined> {
  if (parameterString === undefined && parameterFile === undefined) return undefined;
  const parameters =
    parameterString === undefined
      ? parseParameterFile(await readText(resolve(directory, parameterFile ?? '')), parameterFile)
      : parseParameterString(parameterString);
  const { config, notes } = toConfig(parameters);
  for (const note of notes) stderr.write(`Note: ${note}\n`);
  return config;
}

async function readText(file: string): Promise<string> {
  return readBoundedText(file, MAX_SETTINGS_BYTES).catch((cause) => {
    throw new Error(`The parameter file ${file} cannot be read`, { cause });
  });
}

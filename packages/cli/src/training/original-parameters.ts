import { resolve } from 'node:path';
import { UsageError } from '@gru4rec/checked-options';
import {
  type OriginalCode,
  parseParameterFile,
  parseParameterString,
  toConfig,
} from '@gru4rec/import-gru4rec';
import type { ArgumentsCamelCase, Argv } from 'yargs';
import { MAX_SETTINGS_BYTES, readBoundedText } from '../arguments/read-bounded.ts';
import { once } from '../arguments/values.ts';
import type { Terminal } from '../terminal/terminal.ts';

/** Arguments with hyper-parameters in the format of the authors' code. */
export interface OriginalArguments {
  'parameter-string': string | undefined;
  'parameter-file': string | undefined;
  code: OriginalCode | undefined;
}

type OriginalValues = Pick<
  ArgumentsCamelCase<OriginalArguments>,
  'parameterString' | 'parameterFile' | 'code'
>;

/**
 * Adds the options for hyper-parameters in the format of the authors' code.
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
      describe: 'Hyper-parameters in the format of the authors’ code: loss=bpr-max,layers=224,…',
      coerce: once('parameter-string'),
    })
    .option('parameter-file', {
      type: 'string',
      requiresArg: true,
      alias: 'pf',
      ...heading,
      describe: 'A parameter file of the authors’ code (Python; it is parsed, never run)',
      coerce: once('parameter-file'),
    })
    .option('code', {
      choices: ['pytorch', 'theano'] as const,
      ...heading,
      requiresArg: true,
      describe: 'The program of the authors that the parameters are for, if their names do not determine it',
    }) as unknown as Argv<T & OriginalArguments>;
}

/** Checks `--code`. @throws UsageError if there are no parameters for it. */
export function checkCode({ code, parameterString, parameterFile }: OriginalValues): void {
  if (code === undefined || parameterString !== undefined || parameterFile !== undefined) return;
  throw new UsageError('--code expected --parameter-string or --parameter-file with it, got neither');
}

/**
 * Converts hyper-parameters of the authors to ours. Prints notes about the conversion to standard error.
 *
 * @returns undefined if none are given.
 * @throws OriginalFormatError if a parameter is wrong or has no counterpart.
 */
export async function readOriginalParameters(
  { parameterString, parameterFile, code }: OriginalValues,
  { directory, stderr }: Terminal,
): Promise<Readonly<Record<string, unknown>> | undefined> {
  if (parameterString === undefined && parameterFile === undefined) return undefined;
  const parameters =
    parameterString === undefined
      ? parseParameterFile(await readText(resolve(directory, parameterFile ?? '')), parameterFile)
      : parseParameterString(parameterString);
  const { config, notes } = toConfig(parameters, code ? { code } : {});
  for (const note of notes) stderr.write(`Note: ${note}\n`);
  return config;
}

async function readText(file: string): Promise<string> {
  return readBoundedText(file, MAX_SETTINGS_BYTES).catch((cause) => {
    throw new Error(`The parameter file ${file} cannot be read`, { cause });
  });
}

import { resolve } from 'node:path';
import { type OriginalCode, parseParameterFile, parseParameterString, toConfig } from '@gru4rec/original';
import type { Argv } from 'yargs';
import { MAX_SETTINGS_BYTES, readBoundedText } from '../arguments/read-bounded.ts';
import { UsageError } from '../arguments/usage-error.ts';
import { once } from '../arguments/values.ts';
import type { Terminal } from '../terminal/terminal.ts';

/** Hyper-parameters in the spelling of the authors' code. */
export interface OriginalArguments {
  'parameter-string': string | undefined;
  'parameter-file': string | undefined;
  code: OriginalCode | undefined;
}

/** Adds the options that take hyper-parameters in the spelling of the authors' code. */
export function withOriginalOptions<T>(yargs: Argv<T>): Argv<T & OriginalArguments> {
  return yargs
    .option('parameter-string', {
      type: 'string',
      requiresArg: true,
      alias: 'ps',
      conflicts: 'parameter-file',
      describe: 'Hyper-parameters as the authors’ code takes them: loss=bpr-max,layers=224,…',
      coerce: once('parameter-string'),
    })
    .option('parameter-file', {
      type: 'string',
      requiresArg: true,
      alias: 'pf',
      describe: 'A parameter file of the authors’ code (Python, read and never run)',
      coerce: once('parameter-file'),
    })
    .option('code', {
      choices: ['pytorch', 'theano'] as const,
      requiresArg: true,
      describe: 'Which of their programs the parameters are for, where their names do not tell',
    }) as unknown as Argv<T & OriginalArguments>;
}

/** @throws UsageError if it is said what parameters are for that are not given. */
export function checkCode({ code, parameterString, parameterFile }: OriginalValues): void {
  if (code === undefined || parameterString !== undefined || parameterFile !== undefined) return;
  throw new UsageError('--code expected --parameter-string or --parameter-file beside it, got neither');
}

/** What a command line may hold of them. */
export interface OriginalValues {
  readonly parameterString?: string | undefined;
  readonly parameterFile?: string | undefined;
  readonly code?: OriginalCode | undefined;
}

/**
 * Our hyper-parameters for those of the authors; what the mapping has to say goes to standard error.
 *
 * @returns undefined if none are given.
 * @throws OriginalFormatError for what is wrong or has no counterpart.
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

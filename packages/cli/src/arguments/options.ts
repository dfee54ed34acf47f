import { basename, dirname, join, resolve } from 'node:path';
import { didYouMean, UsageError } from '@gru4rec/checks';
import { type ItemColumnNames, itemColumnKeys } from '@gru4rec/dataset/items';
import { followPointer } from '@gru4rec/durable-files';
import type { LearnerOptions } from '@gru4rec/model';
import type { Options as YargsOptions } from 'yargs';
import { engineChoices, MOST_THREADS } from '../engines/choose-engine.ts';
import type { Terminal } from '../terminal/terminal.ts';
import { namesByKey, type Parse, parseInteger } from './values.ts';

export interface Command {
  readonly usage: string;
  /** By name, in the order of `--help`. */
  readonly options: Options;
  /** What follows the name of the command, alone or with what it shows. */
  readonly examples: readonly (string | readonly [line: string, comment: string])[];
  /**
   * @param argv - the whole command line, for reports.
   * @returns its exit code, if that is a number.
   */
  run(args: object, terminal: Terminal, argv: readonly string[]): unknown;
}

export type Options = Readonly<Record<string, Option>>;

/** What yargs knows of an option, its default and how its value is parsed. */
export interface Option<T = unknown>
  extends Pick<YargsOptions, 'array' | 'choices' | 'conflicts' | 'demandOption' | 'group' | 'requiresArg'> {
  readonly type?: 'string' | 'boolean';
  readonly describe: string;
  /** How messages name it, if it has no dashes: `DATA`. */
  readonly argument?: string;
  /** yargs does not know it, because it would take a default for a given value. */
  readonly fallback?: string | readonly string[] | boolean;
  /** Not called if nothing is given and there is no fallback. `directory`: where the command runs. */
  parse(value: unknown, label: string, directory: string): T;
}

/** The arguments that `run` gets. */
export type ArgumentsOf<Declared extends Options> = {
  readonly [Name in keyof Declared as CamelCase<Name>]: ReturnType<Declared[Name]['parse']>;
};

type CamelCase<Name> = Name extends `${infer First}-${infer Rest}`
  ? `${First}${Capitalize<CamelCase<Rest>>}`
  : Name;

export function text(describe: string): Option<string | undefined> {
  return parsed(describe, (text) => text);
}

/** A folder, or the one that a pointer such as `models/current` names when the command begins. */
export function modelPath(describe: string): Option<string | undefined> {
  const parse = (text: string, _label: string, directory: string) => {
    const path = resolve(directory, text);
    const folder = followPointer(path);
    return folder === path ? text : join(dirname(text), basename(folder));
  };
  return { ...text(describe), parse };
}

export function parsed<T>(describe: string, parse: Parse<T>): Option<T | undefined> {
  return { type: 'string', requiresArg: true, describe, parse };
}

export function texts(describe: string): Option<readonly string[] | undefined> {
  return parsedTexts(describe, (texts) => texts);
}

export function parsedTexts<T>(describe: string, parse: Parse<T, readonly string[]>): Option<T | undefined> {
  return { type: 'string', array: true, requiresArg: true, describe, parse };
}

export function integer(minimum: number, describe: string, maximum?: number): Option<number | undefined> {
  return parsed(describe, (text, label) => parseInteger(text, label, minimum, maximum));
}

export function oneOf<const T extends string>(
  choices: readonly T[],
  describe: string,
): Option<T | undefined> {
  return { choices, requiresArg: true, describe, parse: (choice: T) => choice };
}

export function flag(describe: string): Option<boolean> {
  return { type: 'boolean', fallback: false, describe, parse: (isSet: boolean) => isSet };
}

export function required<T>(option: Option<T | undefined>): Option<T> {
  return { ...option, demandOption: true } as Option<T>;
}

export function or<T>(
  value: T extends string ? T : string | number,
  option: Option<T | undefined>,
): Option<T> {
  return { ...option, fallback: option.array ? [String(value)] : String(value) } as Option<T>;
}

export function argument<T>(label: string, option: Option<T>): Option<T> {
  return { ...option, argument: label };
}

/** Options below a heading of `--help`. */
export function under<Declared extends Options>(group: string, options: Declared): Declared {
  const grouped = Object.entries(options).map(([name, option]) => [name, { ...option, group }]);
  return Object.fromEntries(grouped) as Declared;
}

export const ADVANCED = 'Advanced:';

export const dataArgument = argument('DATA', required(text('Folder of the dataset, which prepare wrote')));
export const modelArgument = argument('MODEL', required(modelPath('Folder of the model, which train wrote')));
export const portOption = (fallback: number) => or(fallback, integer(0, 'Port; 0 takes a free one', 65_535));

export const itemColumnsOption = parsedTexts(
  `key=NAME …: columns of the file of --items whose names differ from the keys (${itemColumnKeys.join(', ')})`,
  (texts, label): ItemColumnNames => namesByKey(itemColumnKeys)(texts, label),
);

export function threadsOption(describe: string): Option<number | undefined> {
  return integer(1, describe, MOST_THREADS);
}

export const engineOptions = under(ADVANCED, {
  engine: or(
    'auto',
    oneOf(
      engineChoices,
      'wasm: kernels that are native where they are built, else WebAssembly; wasm:avx2 and others: only these; tensorflow: TensorFlow on the CPU; cuda: TensorFlow on a GPU; reference: slow, in float64; auto: wasm, until cuda was tried on a GPU',
    ),
  ),
  threads: threadsOption('Threads of the engine and of baselines; all cores if not given'),
});

export interface LearnerSettings extends Omit<LearnerOptions, 'engine' | 'counts' | 'state'> {
  readonly everyMs?: number;
}

/** Allowed settings. Ranges are checked by the learner. */
const learnerKeys: readonly (keyof LearnerSettings)[] = [
  ...(['learningRate', 'batchSize', 'maxWaitMs', 'halfLifeMs'] as const),
  ...(['maxSessions', 'sessionPairs', 'sessionItem', 'itemShare', 'newItems', 'everyMs'] as const),
];

export const learnerOption = parsedTexts(
  `key=value …: how the learner learns (${learnerKeys.join(', ')})`,
  (texts): LearnerSettings => Object.fromEntries(texts.map(parseSetting)),
);

function parseSetting(text: string): [name: string, value: number] {
  const [, name = '', number = ''] = /^(\w+)=(.*)$/.exec(text) ?? [];
  const value = number === '' ? Number.NaN : Number(number);
  if (Number.isFinite(value) && learnerKeys.some((key) => key === name)) return [name, value];
  throw new UsageError(
    `${didYouMean([name], learnerKeys)}--learner expected key=value with a number and a key of ${learnerKeys.join(', ')}, got ${JSON.stringify(text)}`,
  );
}

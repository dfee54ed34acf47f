import { didYouMean, UsageError } from '@gru4rec/checks';
import type { LearnerOptions } from '@gru4rec/model';
import { MOST_THREADS } from '../engines/index.ts';
import { engineChoices } from './engines.ts';
import { integer, once, optional } from './values.ts';

export function requiredText(name: string, describe: string) {
  return { type: 'string', demandOption: true, requiresArg: true, describe, coerce: once(name) } as const;
}

export function optionalText(name: string, describe: string) {
  return parsedText(name, describe, (text) => text);
}

export function parsedText<T>(name: string, describe: string, parse: (text: string) => T) {
  const coerce = optional((value) => parse(once(name)(value)));
  return { type: 'string', requiresArg: true, describe, coerce } as const;
}

export function textOr(value: string, name: string, describe: string) {
  return { type: 'string', requiresArg: true, default: value, describe, coerce: once(name) } as const;
}

export function texts(describe: string) {
  return parsedTexts(describe, (given) => given);
}

export function parsedTexts<T>(describe: string, parse: (given: readonly string[]) => T) {
  // Undefined if it is not given, which yargs adds to the type.
  const coerce = (given: string[]): T => given && parse(given);
  return { type: 'string', array: true, requiresArg: true, describe, coerce } as const;
}

export function optionalInteger(name: string, minimum: number, describe: string, maximum?: number) {
  const coerce = optional(integer(name, minimum, maximum));
  return { type: 'string', requiresArg: true, describe, coerce } as const;
}

export function integerOr(
  fallback: number,
  name: string,
  minimum: number,
  describe: string,
  maximum?: number,
) {
  const value = String(fallback);
  return {
    ...({ type: 'string', requiresArg: true, describe } as const),
    coerce: integer(name, minimum, maximum),
    // Without a description yargs would show the default in quotation marks.
    ...{ default: value, defaultDescription: value },
  };
}

export function oneOf<const Value extends string>(
  choices: readonly Value[],
  fallback: NoInfer<Value>,
  describe: string,
) {
  // The types of yargs take the default for any.
  return { choices, default: fallback as Value, requiresArg: true, describe };
}

export function oneOfOrNone<const Value extends string>(choices: readonly Value[], describe: string) {
  return { choices, requiresArg: true, describe, coerce: (value: Value | undefined) => value };
}

export function flag(describe: string) {
  return { type: 'boolean', default: false, describe } as const;
}

export function folderArgument(name: 'data' | 'model', describe: string) {
  return { type: 'string', demandOption: true, describe, coerce: once(name.toUpperCase(), '') } as const;
}

export const portOption = integerOr(8080, 'port', 0, 'Port; 0 takes a free one', 65_535);

/** The heading in `--help` below options that most users do not need. */
export const ADVANCED = 'Advanced:';

export const threadsOption = {
  ...optionalInteger(
    'threads',
    1,
    'Threads of the engine and of baselines; all cores if not given',
    MOST_THREADS,
  ),
  group: ADVANCED,
};

export const engineOption = {
  ...oneOf(
    engineChoices,
    'auto',
    'wasm: kernels that are native where they are built, else WebAssembly; wasm:avx2 and others: only these; tensorflow: TensorFlow on the CPU; cuda: TensorFlow on a GPU; reference: slow, in float64; auto: cuda if it runs here, else wasm',
  ),
  group: ADVANCED,
};

export interface LearnerSettings extends Omit<LearnerOptions, 'engine' | 'counts' | 'state'> {
  readonly everyMs?: number;
}

/** Allowed settings. Ranges are checked by the learner. */
const names = [
  'learningRate',
  'batchSize',
  'replays',
  'replayPairs',
  'maxWaitMs',
  'halfLifeMs',
  'maxSessions',
  'sessionPairs',
  'sessionItem',
  'itemShare',
  'newItems',
  'everyMs',
] as const satisfies readonly (keyof LearnerSettings)[];

export const learnerOption = parsedTexts(
  `key=value …: how the learner learns (${names.join(', ')})`,
  (given): LearnerSettings => Object.fromEntries(given.map(parseSetting)),
);

function parseSetting(text: string): [name: string, value: number] {
  const [, name = '', number = ''] = /^(\w+)=(.*)$/.exec(text) ?? [];
  const value = number === '' ? Number.NaN : Number(number);
  if (Number.isFinite(value) && (names as readonly string[]).includes(name)) return [name, value];
  const question = didYouMean([name], names);
  throw new UsageError(
    `${question}--learner expected key=value with a number and a key of ${names.join(', ')}, got ${JSON.stringify(text)}`,
  );
}

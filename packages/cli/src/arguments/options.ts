import type { HeldOut, SampleSize } from '@gru4rec/comparison';
import { MOST_THREADS } from '@gru4rec/engines';
import { PROTOCOLS, type Protocol, TIE_RULES, type TieRule } from '@gru4rec/metrics';
import type { Argv, Options } from 'yargs';
import { type EngineChoice, engineChoices } from './engines.ts';
import { parseSampleSize } from './sample-size.ts';
import { type Coerce, integer, integers, once } from './values.ts';

type TextOption<Value> = Options & { type: 'string'; coerce: Coerce<Value> };

/** One of some values. It has no `default: any` of yargs, from which the type of the argument would be any. */
type ChoiceOption<Value> = Omit<Options, 'choices' | 'default'> & {
  choices: readonly Value[];
  default: Value;
};

/** An option for a text. */
export function optionalText(name: string, describe: string): TextOption<string | undefined> {
  const coerce = (value: unknown) => (value === undefined ? undefined : once(name)(value));
  return { type: 'string', requiresArg: true, describe, coerce };
}

/** An option for a text that must be given. */
export function requiredText(name: string, describe: string): TextOption<string> & { demandOption: true } {
  return { type: 'string', demandOption: true, requiresArg: true, describe, coerce: once(name) };
}

/** An option for a text with a default. */
export function textOr(
  value: string,
  name: string,
  describe: string,
): TextOption<string> & { default: string } {
  return { type: 'string', requiresArg: true, default: value, describe, coerce: once(name) };
}

/** An option for an integer ≥ `minimum`. */
export function optionalInteger(
  name: string,
  minimum: number,
  describe: string,
): TextOption<number | undefined> {
  const coerce = (value: unknown) => (value === undefined ? undefined : integer(name, minimum)(value));
  return { type: 'string', requiresArg: true, describe, coerce };
}

/** An option for an integer ≥ `minimum` with a default. */
export function integerOr(
  fallback: number,
  name: string,
  minimum: number,
  describe: string,
): TextOption<number> & { default: string } {
  const value = String(fallback);
  return {
    ...{ type: 'string', requiresArg: true, describe, coerce: integer(name, minimum) },
    // Without a description yargs would show the default in quotation marks.
    ...{ default: value, defaultDescription: value },
  };
}

/** An option without a value. */
export function flag(describe: string): { type: 'boolean'; default: boolean; describe: string } {
  return { type: 'boolean', default: false, describe };
}

/** The folder of the dataset or model that a command works on, its first argument. */
export function folderArgument(
  name: 'data' | 'model',
  describe: string,
): { type: 'string'; demandOption: true; describe: string; coerce: Coerce<string> } {
  return { type: 'string', demandOption: true, describe, coerce: once(name.toUpperCase(), '') };
}

/** The heading in `--help` below options that most users do not need. */
export const ADVANCED = 'Advanced:';

/** Moves options below the heading of those that most users do not need. */
export function underAdvanced(options: Readonly<Record<string, Options>>): Record<string, Options> {
  return Object.fromEntries(
    Object.entries(options).map(([name, option]) => [name, { ...option, group: ADVANCED }]),
  );
}

/** `--threads`. */
export const threadsOption: Options & { coerce: Coerce<number> } = {
  ...{ type: 'string', requiresArg: true, group: ADVANCED },
  describe: 'Threads of the engine and of baselines; all cores if not given',
  coerce: integer('threads', 1, MOST_THREADS),
};

/** `--engine`. */
export const engineOption: ChoiceOption<EngineChoice> = {
  ...{ choices: engineChoices, default: 'auto', requiresArg: true, group: ADVANCED },
  describe:
    'wasm: kernels that are native where they are built, else WebAssembly; wasm:avx2 and others: only these; tensorflow: TensorFlow on the CPU; cuda: TensorFlow on a GPU; reference: slow, in float64; auto: cuda if it runs here, else wasm',
};

/** Lengths of the recommendation lists without `--cutoffs`. */
export const DEFAULT_CUTOFFS: readonly number[] = [20];

/** The arguments of every command that evaluates on held-out sessions. */
export interface EvaluationArguments {
  cutoffs: readonly number[] | undefined;
  split: HeldOut;
  protocol: Protocol;
  'tie-rule': TieRule;
  'exclude-seen': boolean;
  sample: SampleSize | undefined;
  metrics: readonly string[] | undefined;
}

const evaluationOptions = {
  cutoffs: {
    type: 'string',
    array: true,
    requiresArg: true,
    // With a default of yargs, an option without a value would count as not given.
    defaultDescription: String(DEFAULT_CUTOFFS),
    describe: 'Lengths of the recommendation lists',
    coerce: integers('cutoffs', 1),
  },
  split: {
    choices: ['test', 'validation'],
    default: 'test',
    requiresArg: true,
    describe: 'Which sessions of the dataset',
  },
  protocol: {
    choices: PROTOCOLS,
    default: 'next',
    requiresArg: true,
    describe: 'What each position predicts: the next click, the last of its session, all remaining ones',
  },
  'tie-rule': {
    choices: TIE_RULES,
    default: 'standard',
    requiresArg: true,
    describe: 'Rank among equal scores: before them, after them, in their middle',
  },
  'exclude-seen': flag('Exclude the items of a session from its lists'),
  sample: {
    type: 'string',
    requiresArg: true,
    describe: 'Evaluate a sample of the sessions, such as 5000 or 10%, with 95 % intervals',
    coerce: (value: unknown) => (value === undefined ? undefined : parseSampleSize(once('sample')(value))),
  },
  metrics: {
    type: 'string',
    array: true,
    requiresArg: true,
    describe: 'Modules (FILE.mjs) with metrics of your own, as default exports',
  },
} satisfies Record<string, Options>;

/** Adds the options of every command that evaluates on held-out sessions. */
export function withEvaluationOptions<T>(yargs: Argv<T>): Argv<T & EvaluationArguments> {
  return yargs.options(evaluationOptions) as unknown as Argv<T & EvaluationArguments>;
}

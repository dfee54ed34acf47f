import { MOST_THREADS } from '@gru4rec/engine-wasm';
import { PROTOCOLS, type Protocol, TIE_RULES, type TieRule } from '@gru4rec/metrics';
import type { Argv, Options } from 'yargs';
import { type EngineName, engineNames } from '../engines/engines.ts';
import type { HeldOut } from '../evaluating/evaluation-facts.ts';
import { parseSampleSize, type SampleSize } from '../evaluating/session-sample.ts';
import { UsageError } from './usage-error.ts';

type Coerce<T> = (value: unknown) => T;

/** A text that is not empty and given at most once. */
export function once(name: string): Coerce<string> {
  return (value) => {
    if (Array.isArray(value))
      throw new UsageError(`--${name} is given ${value.length} times; once is allowed`);
    if (value === '') throw new UsageError(`--${name} expected a string, got an empty one`);
    return value as string;
  };
}

/** An integer ≥ `minimum` that is given at most once; typed as text, so that nothing is rounded in between. */
export function integer(name: string, minimum: number): Coerce<number> {
  return (value) => parseInteger(name, minimum, once(name)(value));
}

/** A list of integers ≥ `minimum`, separated by blanks or commas. */
export function integers(name: string, minimum: number): Coerce<number[]> {
  return (value) => {
    const texts = (value as string[]).flatMap((text) => text.split(',')).filter((text) => text !== '');
    if (texts.length === 0) throw new UsageError(`--${name} expected integers ≥ ${minimum}, got none`);
    return [...new Set(texts.map((text) => parseInteger(name, minimum, text)))];
  };
}

function parseInteger(name: string, minimum: number, text: string): number {
  const value = /^\d+$/.test(text) ? Number(text) : Number.NaN;
  if (Number.isSafeInteger(value) && value >= minimum) return value;
  throw new UsageError(`--${name} expected an integer ≥ ${minimum}, got ${JSON.stringify(text)}`);
}

/**
 * Item ids, separated by commas, or a JSON array of texts for ids that hold a comma or begin with a bracket or a
 * blank; given at most once.
 */
export function itemIds(name: string): Coerce<readonly string[] | undefined> {
  return (value) => (value === undefined ? undefined : parseItemIds(name, once(name)(value)));
}

function parseItemIds(name: string, text: string): readonly string[] {
  const ids = text.trimStart().startsWith('[') ? parseJsonIds(name, text) : splitIds(text);
  if (ids.every((id) => id !== '')) return ids;
  throw new UsageError(`--${name} expected item ids separated by commas, got an empty one`);
}

function splitIds(text: string): readonly string[] {
  return text.split(',').map((id) => id.trim());
}

/** An id of JSON as a text; undefined if it is none. A number that JSON cannot hold exactly is none. */
export function idOf(value: unknown): string | undefined {
  if (typeof value === 'string') return value;
  return Number.isSafeInteger(value) ? String(value) : undefined;
}

function parseJsonIds(name: string, text: string): readonly string[] {
  const got = `got ${JSON.stringify(text)}`;
  try {
    const ids: unknown = JSON.parse(text);
    const texts = Array.isArray(ids) ? ids.map(idOf) : [];
    if (texts.length > 0 && texts.every((id) => id !== undefined)) return texts;
  } catch (cause) {
    throw new UsageError(`--${name} begins with [ and expected a JSON array of ids, ${got}`, { cause });
  }
  throw new UsageError(`--${name} expected a JSON array of one or more ids, texts or whole numbers, ${got}`);
}

/** A text that may be left out. */
export function optionalText(name: string, describe: string): Options & { type: 'string' } {
  return {
    type: 'string',
    requiresArg: true,
    describe,
    coerce: (value: unknown) => (value === undefined ? undefined : once(name)(value)),
  };
}

/** A path, or another text, that must be given once. */
export function requiredText(
  name: string,
  describe: string,
): Options & { type: 'string'; demandOption: true } {
  return { type: 'string', demandOption: true, requiresArg: true, describe, coerce: once(name) };
}

/** Where a command finds its model. */
export interface ModelArguments {
  folder: string | undefined;
  model: string | undefined;
}

/** The folder of a model, behind the command or as `--model`. */
export function withModelOption<T>(yargs: Argv<T>): Argv<T & ModelArguments> {
  return yargs
    .positional('folder', { type: 'string', describe: 'Folder of the model, which train wrote' })
    .option('model', optionalText('model', 'The same folder, as an option'));
}

/** @throws UsageError if no folder is named, or two are. */
export function modelFolder({ folder, model }: ModelArguments): string {
  const named = folder || model;
  if (!named) throw new UsageError('Expected the folder of a model, as an argument or as --model, got none');
  if (!folder || model === undefined) return named;
  throw new UsageError(`Expected one model, got two: ${folder} and --model ${model}`);
}

/** `--threads`. */
export const threadsOption: Options & { coerce: Coerce<number> } = {
  type: 'string',
  requiresArg: true,
  describe: 'Threads of the engine and of baselines; as many as there are cores if not given',
  coerce: (value: unknown) => {
    const threads = integer('threads', 1)(value);
    if (threads <= MOST_THREADS) return threads;
    throw new UsageError(`--threads expected at most ${MOST_THREADS}, got ${threads}`);
  },
};

/** `--engine`. */
export const engineOption: Options & { choices: readonly EngineName[]; default: EngineName } = {
  choices: engineNames,
  default: 'auto',
  requiresArg: true,
  describe:
    'What computes: SIMD kernels (wasm), TensorFlow on the CPU, CUDA, the slow float64 reference; auto is cuda where it runs, else wasm',
};

/** Where `--cutoffs` is left out. */
export const DEFAULT_CUTOFFS: readonly number[] = [20];

/** What a command line says about measuring on held-out sessions. */
export interface EvaluationArguments {
  cutoffs: readonly number[] | undefined;
  split: HeldOut;
  protocol: Protocol;
  'warm-up': number;
  'tie-rule': TieRule;
  'exclude-seen': boolean;
  sample: SampleSize | undefined;
  'sample-seed': number | undefined;
}

/** The options of every command that measures on held-out sessions. */
export function withEvaluationOptions<T>(yargs: Argv<T>): Argv<T & EvaluationArguments> {
  return yargs
    .option('cutoffs', {
      type: 'string',
      array: true,
      requiresArg: true,
      // With a default of yargs' own, an option without a value would be taken for one that is left out.
      defaultDescription: String(DEFAULT_CUTOFFS),
      describe: 'Lengths of the recommendation lists',
      coerce: integers('cutoffs', 1),
    })
    .option('split', {
      choices: ['test', 'validation'] as const,
      default: 'test' as const,
      requiresArg: true,
      describe: 'Which sessions of the dataset',
    })
    .option('protocol', {
      choices: PROTOCOLS,
      default: 'next' as Protocol,
      requiresArg: true,
      describe: 'What each position predicts: the next click, the last of its session, all remaining ones',
    })
    .option('warm-up', {
      type: 'string',
      requiresArg: true,
      default: '1',
      defaultDescription: '1',
      describe: 'Clicks of a session before its first prediction',
      coerce: integer('warm-up', 1),
    })
    .option('tie-rule', {
      choices: TIE_RULES,
      default: 'standard' as TieRule,
      requiresArg: true,
      describe: 'Rank among equal scores: before them, behind them, in their middle',
    })
    .option('exclude-seen', {
      type: 'boolean',
      default: false,
      describe: 'Leave the items of a session out of its lists',
    })
    .option('sample', {
      type: 'string',
      requiresArg: true,
      describe: 'Evaluates so many sessions, such as 5000 or 10%, drawn at random, and gives 95 % intervals',
      coerce: (value: unknown) => (value === undefined ? undefined : parseSampleSize(once('sample')(value))),
    })
    .option('sample-seed', {
      type: 'string',
      requiresArg: true,
      describe: 'Seed of the sample; 1 if not given',
      coerce: integer('sample-seed', 0),
    })
    .implies('sample-seed', 'sample');
}

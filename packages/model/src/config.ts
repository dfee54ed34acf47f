import { show, showNames } from '@gru4rec/checks';
import { metrics } from '@gru4rec/metrics';
import { optimizers } from '@gru4rec/program';
import { z } from 'zod';
import { cells, gruVariants } from './cells/registry.ts';
import type { LossKey } from './losses/loss.ts';
import { losses } from './losses/registry.ts';
import {
  isPreset,
  type ModelConfig,
  type ModelConfigInput,
  presets,
  type StepConfig,
} from './model-config.ts';
import { partNames } from './parts/registry.ts';
import { activationSpellings, parseActivation } from './programs/activations.ts';

export type { ModelConfig, ModelConfigInput } from './model-config.ts';

/** A configuration with a wrong key or value. The message lists what is allowed. */
export class ConfigError extends RangeError {
  override readonly name = 'ConfigError';
  /** Unknown keys, as they were written. */
  readonly unknownKeys: readonly string[];

  constructor(message: string, options: ErrorOptions & { readonly unknownKeys?: readonly string[] } = {}) {
    super(message, options);
    this.unknownKeys = options.unknownKeys ?? [];
  }
}

const activation = z.string().superRefine((text, context) => {
  try {
    parseActivation(text);
  } catch (error) {
    context.addIssue({ code: 'custom', message: (error as Error).message.replace(/, got .*$/, '') });
  }
});

const MOST_REPEATS = 1000;

const flag = (value: boolean) => z.boolean().default(value).describe('true or false');
const share = (value: number, zero = '') =>
  z.number().min(0).lt(1).default(value).describe(`a number ≥ 0 and < 1${zero}`);
const notNegative = (value: number, zero = '') =>
  z.number().nonnegative().default(value).describe(`a number ≥ 0${zero}`);
const positive = (value: number) => z.number().positive().default(value).describe('a number > 0');
const count = (value: number, zero = '') =>
  z.int().nonnegative().default(value).describe(`an integer ≥ 0${zero}`);
const positiveInteger = z.int().positive();
const names = (of: string) => z.array(z.string().min(1)).default([]).describe(`a list of ${of}`);
const oneOf = <Name extends string>(known: readonly Name[], value: NoInfer<Name>) =>
  z
    .enum(known)
    .default(value as never)
    .describe(`one of ${known.join(', ')}`);

/** The names of a registry. */
const namesOf = <Registry extends object>(registry: Registry) =>
  Object.keys(registry) as (keyof Registry & string)[];

const schema = z.strictObject({
  loss: oneOf(namesOf(losses), 'cross-entropy'),
  layers: z
    .array(positiveInteger)
    .min(1)
    .default([100])
    .describe('a list of positive integers, such as [100]'),
  constrainedEmbedding: flag(true),
  embedding: z
    .union([z.int().nonnegative(), z.literal('layersize')])
    .default(0)
    .describe('0 (one-hot), a positive integer (width of an input table) or "layersize"'),
  cell: oneOf(namesOf(cells), 'gru'),
  gru: oneOf(namesOf(gruVariants), 'reset-before'),
  parts: z
    .array(z.enum(partNames))
    .refine((parts) => parts.includes('network') && new Set(parts).size === parts.length)
    .default(['network'])
    .describe(`a list with network and any of ${partNames.filter((name) => name !== 'network').join(', ')}`),
  repeatLength: z.int().min(1).max(MOST_REPEATS).default(10).describe(`an integer from 1 to ${MOST_REPEATS}`),
  batchSize: positiveInteger.default(32).describe('a positive integer'),
  nSample: z
    .union([z.int().nonnegative(), z.literal('all')])
    .default(2048)
    .describe('a positive integer (sampled items), 0 (only the targets of the batch) or "all" (every item)'),
  sampleAlpha: z.number().min(0).max(1).default(0.5).describe('a number from 0 to 1'),
  logq: notNegative(0),
  temperature: positive(1),
  hardNegatives: count(0, '; 0 takes all'),
  bpreg: notNegative(1),
  smoothing: share(0),
  finalAct: activation.default('linear').describe(`one of ${activationSpellings}`),
  hiddenAct: activation.default('tanh').describe(`one of ${activationSpellings}`),
  dropoutPEmbed: share(0),
  dropoutPHidden: share(0),
  optimizer: oneOf(namesOf(optimizers), 'adagrad'),
  learningRate: positive(0.05),
  warmupSteps: count(0),
  learningRateDecay: oneOf(['none', 'linear'], 'none'),
  momentum: share(0),
  decay: share(0.9),
  beta1: share(0.9),
  beta2: share(0.999),
  lmbd: notNegative(0),
  gradCap: notNegative(0, '; 0 is no cap'),
  sigma: notNegative(0, '; 0 scales each matrix by its extents'),
  initAsNormal: flag(false),
  resetAfterSession: flag(true),
  nEpochs: positiveInteger.default(10).describe('a positive integer'),
  averageDecay: share(0, '; 0 averages nothing'),
  holdOut: z.number().min(0).max(0.5).default(0).describe('a number from 0 to 0.5; 0 holds out nothing'),
  patience: count(0, '; 0 trains all epochs'),
  validationMetric: oneOf(namesOf(metrics), 'recall'),
  itemFeatures: names('columns of the items file'),
  itemVectors: names('columns of the items file'),
  itemFeatureScale: positive(0.2),
  coldItemOffset: z
    .union([z.number(), z.literal('auto')])
    .default('auto')
    .describe('a number, or "auto"'),
  coldItemLoss: z.number().min(0).max(1).default(0.05).describe('a number from 0 to 1'),
  clickFeatures: names('columns of clicks'),
  clickFeatureScale: positive(0.1),
  targetTypes: names('event types'),
  seed: z.int().nonnegative().default(42).describe('an integer from 0 to 2^53 − 1'),
  sessionOrder: oneOf(['time', 'stored', 'shuffled'], 'time'),
  tunedOn: z
    .string()
    .regex(/^([0-9a-f]{64})?$/)
    .default('')
    .describe('the SHA-256 of a file of sessions in hexadecimal digits, or an empty string'),
}) satisfies z.ZodType<ModelConfig, Omit<ModelConfigInput, 'preset'>>;

export const configSchema: z.ZodType<ModelConfig, Omit<ModelConfigInput, 'preset'>> = schema;

/** The value of each absent key. */
export const configDefaults: ModelConfig = schema.parse({});

/** Names of all keys. */
export const configKeys: readonly string[] = Object.keys(schema.shape);

/** The allowed values of a key if `value` is none of them; undefined for an allowed value or an unknown key. */
export function configProblem(key: string, value: unknown): string | undefined {
  const known = Object.hasOwn(schema.shape, key) ? schema.shape[key as keyof typeof schema.shape] : undefined;
  return known?.safeParse(value).success === false ? known.description : undefined;
}

/**
 * Checks a configuration; absent keys take the values of its `preset`, or without one their defaults. `$schema`, which names a
 * JSON Schema for editors, is left out.
 * @returns all hyper-parameters. They do not name the preset, which a later release may change.
 * @throws ConfigError naming every wrong key, its allowed values and its value; also for a key that would have no effect given
 *   the others.
 */
export function parseConfig(value: unknown): ModelConfig {
  const written = withPreset(withoutSchema(value));
  const result = schema.safeParse(written);
  if (!result.success) throw refused(result.error, written);
  const config = result.data;
  const clash = clashes(config).find(({ applies }) => applies);
  if (!clash) return config;
  const { key, expected, reason } = clash;
  throw new ConfigError(
    `configuration: "${key}" expected ${expected}, got ${JSON.stringify(config[key])}. ${reason}`,
  );
}

function withPreset(value: unknown): unknown {
  if (!isObject(value) || !Object.hasOwn(value, 'preset')) return value;
  const { preset, ...written } = value;
  if (preset === undefined) return written;
  if (isPreset(preset)) {
    const chosen = withoutUndefined(written);
    const { itemFeatures } = chosen;
    const hasFeatures = Array.isArray(itemFeatures) && itemFeatures.length > 0;
    const parts = [...(presets[preset].parts ?? []), 'similar-attributes'];
    return { ...presets[preset], ...(hasFeatures && { momentum: 0, parts }), ...chosen };
  }
  throw new ConfigError(
    `configuration: "preset" expected one of ${Object.keys(presets).join(', ')}, got ${show(preset)}`,
  );
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function withoutUndefined(keys: Record<string, unknown>): Record<string, unknown> {
  return Object.fromEntries(Object.entries(keys).filter(([, value]) => value !== undefined));
}

/** Whether no key is given: such a configuration leaves the choice to the default preset. */
export function isEmptyConfig(value: unknown): boolean {
  return isObject(value) && Object.keys(withoutUndefined(value)).every((key) => key === '$schema');
}

function withoutSchema(value: unknown): unknown {
  if (!isObject(value) || typeof value['$schema'] !== 'string') return value;
  const { $schema: _, ...keys } = value;
  return keys;
}

function refused(error: z.ZodError, value: unknown): ConfigError {
  const unknownKeys: string[] = [];
  const lines = new Set<string>();
  for (const issue of error.issues) {
    if (issue.code === 'unrecognized_keys') {
      unknownKeys.push(...issue.keys);
      lines.add(`unknown key ${showNames(issue.keys.map(show))}; the keys are ${configKeys.join(', ')}`);
      continue;
    }
    const key = issue.path[0] as keyof ModelConfig | undefined;
    if (key === undefined) lines.add('expected an object with hyper-parameters');
    else {
      const got = show((value as Record<string, unknown>)[key]);
      lines.add(`"${key}" expected ${schema.shape[key].description}, got ${got}`);
    }
  }
  return new ConfigError(`configuration: ${[...lines].join('; ')}`, { unknownKeys });
}

export interface Clash {
  readonly applies: boolean;
  readonly key: keyof ModelConfig;
  readonly expected: string;
  readonly reason: string;
}

function clashes(config: ModelConfig): Clash[] {
  const { optimizer, nSample, hardNegatives } = config;
  const { withoutMomentum } = optimizers[optimizer];
  return [
    ...unreadKeys(config),
    {
      applies: config.batchSize === 1 && config.nSample === 0,
      key: 'nSample',
      expected: 'a positive integer or "all" with batchSize 1',
      reason: 'A single slot without samples has nothing to rank its target against.',
    },
    {
      applies: config.constrainedEmbedding && config.embedding !== 0,
      key: 'embedding',
      expected: '0 with constrainedEmbedding',
      reason:
        'A constrained embedding uses the output table for the input; set constrainedEmbedding to false for a separate table.',
    },
    ...(['itemFeatures', 'itemVectors', 'clickFeatures'] as const).map((key) => ({
      applies: config[key].length > 0 && !config.constrainedEmbedding && config.embedding === 0,
      key,
      expected: '[] with one-hot input',
      reason:
        'One-hot input has a row per gate and item, to which no feature can be added; set constrainedEmbedding, or an embedding.',
    })),
    {
      applies: config.nSample === 'all' && config.logq > 0,
      key: 'logq',
      expected: '0 with nSample "all"',
      reason: 'With all items there is no sampling to correct.',
    },
    {
      applies: nSample === 'all' && hardNegatives > 0,
      key: 'hardNegatives',
      expected: '0 with nSample "all"',
      reason: 'They are chosen from the samples and targets of a step.',
    },
    {
      applies: nSample !== 'all' && hardNegatives > 0 && hardNegatives >= nSample + config.batchSize - 1,
      key: 'hardNegatives',
      expected: 'less than nSample + batchSize − 1, or 0',
      reason: 'A slot has no more negatives.',
    },
    {
      applies: config.smoothing > 0 && hardNegatives > 0,
      key: 'smoothing',
      expected: '0 with hardNegatives',
      reason: 'Smoothing gives every column a share, and hardNegatives leaves most of them out.',
    },
    {
      applies: withoutMomentum !== undefined && config.momentum > 0,
      key: 'momentum',
      expected: `0 with optimizer ${optimizer}`,
      reason: withoutMomentum ?? '',
    },
  ];
}

function unreadKeys({ loss, ...config }: StepConfig): Clash[] {
  const { reads } = losses[loss];
  const unread = <Key extends LossKey>(key: Key, idle: StepConfig[Key], reason: string): Clash => ({
    applies: !reads.includes(key) && config[key] !== idle,
    key,
    expected: `${idle} with loss ${loss}`,
    reason,
  });
  return [
    unread('logq', 0, `It corrects ${lossesThatRead('logq')} for how often an item is drawn.`),
    unread('smoothing', 0, `It smooths the targets of ${lossesThatRead('smoothing')}.`),
    unread('temperature', 1, `It divides the scores of ${lossesThatRead('temperature')}.`),
    unread('hardNegatives', 0, `It chooses the negatives of ${lossesThatRead('hardNegatives')}.`),
    unread('finalAct', 'linear', 'This loss takes the scores as they are.'),
  ];
}

function lossesThatRead(key: LossKey): string {
  return Object.entries(losses)
    .filter(([, { reads }]) => reads.includes(key))
    .map(([name]) => name)
    .join(', ');
}

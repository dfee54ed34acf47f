import { show } from '@gru4rec/checked-options';
import { type MetricName, metrics } from '@gru4rec/metrics';
import { optimizers } from '@gru4rec/program';
import { z } from 'zod';
import { cells, gruVariants } from './cells/registry.ts';
import { clashes } from './config-clashes.ts';
import { type LossName, lossAliases, losses } from './losses/registry.ts';
import { activationSpellings, parseActivation } from './programs/activations.ts';
import type { StepConfig } from './programs/step-config.ts';

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

/** Hyper-parameters of a model and its training, complete; names and values as in the reference. */
export interface ModelConfig extends StepConfig {
  /** η > 0, before warm-up and decay. */
  readonly learningRate: number;
  /** Steps over which the learning rate rises linearly from 0; 0 = none. */
  readonly warmupSteps: number;
  /** `"linear"`: falls to 0 over the events of all `nEpochs`. */
  readonly learningRateDecay: 'none' | 'linear';
  /** Scale of the first values of matrices; 0 = √(6 / (rows + columns)) each. */
  readonly sigma: number;
  /** First values normal with standard deviation `sigma`, instead of uniform in ±`sigma`. */
  readonly initAsNormal: boolean;
  /** Whether the hidden state is 0 at the start of a session, or is carried over from the last one in the slot. */
  readonly resetAfterSession: boolean;
  /** Passes over the training sessions; fewer if `patience` stops training. */
  readonly nEpochs: number;
  /**
   * β of the mean of the parameters at the ends of epochs, Σ β^(t−i) θ_i / Σ β^(t−i), which the model then has; 0 = those
   * of the last epoch.
   */
  readonly averageDecay: number;
  /**
   * Share of the training sessions, the latest ones, that is held out to choose the best epoch and to fit the repeat bias
   * `auto`, and learnt once at the end; 0 = none. Not used with a validation split.
   */
  readonly holdOut: number;
  /** Epochs without a better `validationMetric` after which training stops; 0 = never, no validation. */
  readonly patience: number;
  /** Metric at 20 items on the validation split that determines the best epoch. */
  readonly validationMetric: MetricName;
  /** Seeds initialisation, samples, dropout and shuffling. */
  readonly seed: number;
  /** Order in which sessions fill the slots. */
  readonly sessionOrder: 'time' | 'stored' | 'shuffled';
  /**
   * SHA-256 of the file of sessions that these values were tuned on, or ''. Only an evaluation on the same sessions reads it,
   * to warn.
   */
  readonly tunedOn: string;
}

/**
 * Hyper-parameters as they are written: absent keys take their defaults, and a loss may have the reference's name. A
 * complete `ModelConfig` is one too.
 */
export interface ModelConfigInput extends Written<Omit<ModelConfig, 'loss'>> {
  readonly loss?: LossName | keyof typeof lossAliases | undefined;
}

type Written<Config> = { readonly [Key in keyof Config]?: Config[Key] | undefined };

const activation = z.string().superRefine((text, context) => {
  try {
    parseActivation(text);
  } catch (error) {
    context.addIssue({ code: 'custom', message: (error as Error).message.replace(/, got .*$/, '') });
  }
});

const probability = z.number().min(0).lt(1);
const positiveInteger = z.int().positive();
const flag = z.boolean();
/** Longest history that the repeat bias may have; a step follows it item by item. */
const MOST_REPEATS = 1000;

const isAlias = (name: string): name is keyof typeof lossAliases => Object.hasOwn(lossAliases, name);

/** A name of a registry. */
const nameIn = <T extends Record<string, unknown>>(registry: T) =>
  z.enum(Object.keys(registry) as (keyof T & string)[]);

const oneOf = (registry: Readonly<Record<string, unknown>>): string =>
  `one of ${Object.keys(registry).join(', ')}`;

/** Each key with its allowed values, its default, and their description for messages. */
const schema = z.strictObject({
  loss: nameIn({ ...losses, ...lossAliases })
    .transform((name) => (isAlias(name) ? lossAliases[name] : name))
    .default('cross-entropy')
    .describe(oneOf(losses)),
  layers: z
    .array(positiveInteger)
    .min(1)
    .default([100])
    .describe('a list of positive integers, such as [100]'),
  constrainedEmbedding: flag.default(true).describe('true or false'),
  embedding: z
    .union([z.int().nonnegative(), z.literal('layersize')])
    .default(0)
    .describe('0 (one-hot), a positive integer (width of an input table) or "layersize"'),
  cell: nameIn(cells).default('gru').describe(oneOf(cells)),
  gru: nameIn(gruVariants).default('reset-before').describe(oneOf(gruVariants)),
  repeatBias: z
    .enum(['none', 'constant', 'gated', 'auto'])
    .default('none')
    .describe('one of none, constant, gated, auto'),
  repeatLength: z.int().min(1).max(MOST_REPEATS).default(10).describe(`an integer from 1 to ${MOST_REPEATS}`),
  batchSize: positiveInteger.default(32).describe('a positive integer'),
  nSample: z
    .union([z.int().nonnegative(), z.literal('all')])
    .default(2048)
    .describe('a positive integer (sampled items), 0 (only the targets of the batch) or "all" (every item)'),
  sampleAlpha: z.number().min(0).max(1).default(0.5).describe('a number from 0 to 1'),
  logq: z.number().nonnegative().default(0).describe('a number ≥ 0'),
  temperature: z.number().positive().default(1).describe('a number > 0'),
  hardNegatives: z.int().nonnegative().default(0).describe('an integer ≥ 0; 0 takes all'),
  bpreg: z.number().nonnegative().default(1).describe('a number ≥ 0'),
  smoothing: probability.default(0).describe('a number ≥ 0 and < 1'),
  finalAct: activation.default('linear').describe(`one of ${activationSpellings}`),
  hiddenAct: activation.default('tanh').describe(`one of ${activationSpellings}`),
  dropoutPEmbed: probability.default(0).describe('a number ≥ 0 and < 1'),
  dropoutPHidden: probability.default(0).describe('a number ≥ 0 and < 1'),
  optimizer: nameIn(optimizers).default('adagrad').describe(oneOf(optimizers)),
  learningRate: z.number().positive().default(0.05).describe('a number > 0'),
  warmupSteps: z.int().nonnegative().default(0).describe('an integer ≥ 0'),
  learningRateDecay: z.enum(['none', 'linear']).default('none').describe('one of none, linear'),
  momentum: probability.default(0).describe('a number ≥ 0 and < 1'),
  decay: probability.default(0.9).describe('a number ≥ 0 and < 1'),
  beta1: probability.default(0.9).describe('a number ≥ 0 and < 1'),
  beta2: probability.default(0.999).describe('a number ≥ 0 and < 1'),
  lmbd: z.number().nonnegative().default(0).describe('a number ≥ 0'),
  gradCap: z.number().nonnegative().default(0).describe('a number ≥ 0; 0 is no cap'),
  sigma: z.number().nonnegative().default(0).describe('a number ≥ 0; 0 scales each matrix by its extents'),
  initAsNormal: flag.default(false).describe('true or false'),
  resetAfterSession: flag.default(true).describe('true or false'),
  nEpochs: positiveInteger.default(10).describe('a positive integer'),
  averageDecay: probability.default(0).describe('a number ≥ 0 and < 1; 0 averages nothing'),
  holdOut: z.number().min(0).max(0.5).default(0).describe('a number from 0 to 0.5; 0 holds out nothing'),
  patience: z.int().nonnegative().default(0).describe('an integer ≥ 0; 0 trains all epochs'),
  validationMetric: nameIn(metrics).default('recall').describe(oneOf(metrics)),
  seed: z.int().nonnegative().default(42).describe('an integer from 0 to 2^53 − 1'),
  sessionOrder: z
    .enum(['time', 'stored', 'shuffled'])
    .default('time')
    .describe('one of time, stored, shuffled'),
  tunedOn: z
    .string()
    .regex(/^([0-9a-f]{64})?$/)
    .default('')
    .describe('the SHA-256 of a file of sessions in hexadecimal digits, or an empty string'),
}) satisfies z.ZodType<ModelConfig, ModelConfigInput>;

/** The schema of a configuration as it is written. */
export const configSchema: z.ZodType<ModelConfig, ModelConfigInput> = schema;

/** The value of each absent key. */
export const configDefaults: ModelConfig = schema.parse({});

/** Names of all keys. */
export const configKeys: readonly string[] = Object.keys(schema.shape);

/** The allowed values of a key if `value` is none of them; undefined for an allowed value or an unknown key. */
export function configProblem(key: string, value: unknown): string | undefined {
  const own = Object.hasOwn(schema.shape, key) ? schema.shape[key as keyof typeof schema.shape] : undefined;
  return own?.safeParse(value).success === false ? own.description : undefined;
}

/**
 * Checks a configuration; absent keys take their defaults. `$schema`, which names a JSON Schema for editors, is left out.
 *
 * @throws ConfigError naming every wrong key, its allowed values and its value; also for a key that would have no effect
 *   given the others.
 */
export function parseConfig(value: unknown): ModelConfig {
  const result = schema.safeParse(withoutSchema(value));
  if (!result.success) throw refused(result.error, value);
  const config = result.data;
  const clash = clashes(config).find(({ applies }) => applies);
  if (!clash) return config;
  const { key, expected, reason } = clash;
  throw new ConfigError(
    `configuration: "${key}" expected ${expected}, got ${JSON.stringify(config[key])}. ${reason}`,
  );
}

/** A file without the address of its JSON Schema. */
function withoutSchema(value: unknown): unknown {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return value;
  const { $schema, ...keys } = value as Record<string, unknown>;
  return typeof $schema === 'string' ? keys : value;
}

function refused(error: z.ZodError, value: unknown): ConfigError {
  const unknownKeys: string[] = [];
  const lines = new Set<string>();
  for (const issue of error.issues) {
    if (issue.code === 'unrecognized_keys') {
      unknownKeys.push(...issue.keys);
      lines.add(
        `unknown key ${issue.keys.map((k) => `"${k}"`).join(', ')}; the keys are ${configKeys.join(', ')}`,
      );
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

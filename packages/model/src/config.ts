import { z } from 'zod';
import { parseActivation } from './activations.ts';
import type { StepConfig } from './step.ts';

/** A configuration with a wrong key or value. The message lists what is allowed. */
export class ConfigError extends RangeError {
  override readonly name = 'ConfigError';
}

/** Hyper-parameters of a model and its training, complete; names and values as in the reference. */
export interface ModelConfig extends Omit<StepConfig, 'embedding'> {
  /** Width of a separate input table; 0 = one-hot, `"layersize"` = the first layer's width. */
  readonly embedding: number | 'layersize';
  readonly learningRate: number;
  readonly nEpochs: number;
  /** Seeds initialisation, samples, dropout and shuffling. */
  readonly seed: number;
  /** Order in which sessions fill the slots. */
  readonly sessionOrder: 'time' | 'stored' | 'shuffled';
}

const activation = z.string().superRefine((text, context) => {
  try {
    parseActivation(text);
  } catch (error) {
    context.addIssue({ code: 'custom', message: (error as Error).message.replace(/, got .*$/, '') });
  }
});

const probability = z.number().min(0).lt(1);
const positiveInteger = z.int().positive();

const schema = z.strictObject({
  loss: z.enum(['cross-entropy', 'bpr-max']).default('cross-entropy'),
  layers: z.array(positiveInteger).min(1).default([100]),
  constrainedEmbedding: z.boolean().default(true),
  embedding: z.union([z.int().nonnegative(), z.literal('layersize')]).default(0),
  gru: z.enum(['reset-before', 'reset-after']).default('reset-before'),
  batchSize: positiveInteger.default(32),
  nSample: z.int().nonnegative().default(2048),
  sampleAlpha: z.number().min(0).max(1).default(0.5),
  logq: z.number().nonnegative().default(0),
  bpreg: z.number().nonnegative().default(1),
  finalAct: activation.default('linear'),
  hiddenAct: activation.default('tanh'),
  dropoutPEmbed: probability.default(0),
  dropoutPHidden: probability.default(0),
  learningRate: z.number().positive().default(0.05),
  momentum: probability.default(0),
  smoothing: probability.default(0),
  nEpochs: positiveInteger.default(10),
  seed: z.int().nonnegative().default(42),
  sessionOrder: z.enum(['time', 'stored', 'shuffled']).default('time'),
});

/** What an absent key means. */
export const configDefaults: ModelConfig = schema.parse({});

/** What a key may be, for messages. */
const allowed: Readonly<Record<keyof ModelConfig, string>> = {
  loss: 'one of cross-entropy, bpr-max',
  layers: 'a list of positive integers, such as [100]',
  constrainedEmbedding: 'true or false',
  embedding: '0 (one-hot), a positive integer (width of an input table) or "layersize"',
  gru: 'one of reset-before, reset-after',
  batchSize: 'a positive integer',
  nSample: 'an integer ≥ 0',
  sampleAlpha: 'a number from 0 to 1',
  logq: 'a number ≥ 0',
  bpreg: 'a number ≥ 0',
  finalAct: 'one of linear, relu, tanh, sigmoid, leaky-<α>, elu-<α>, selu-<λ>-<α>',
  hiddenAct: 'one of linear, relu, tanh, sigmoid, leaky-<α>, elu-<α>, selu-<λ>-<α>',
  dropoutPEmbed: 'a number ≥ 0 and < 1',
  dropoutPHidden: 'a number ≥ 0 and < 1',
  learningRate: 'a number > 0',
  momentum: 'a number ≥ 0 and < 1',
  smoothing: 'a number ≥ 0 and < 1',
  nEpochs: 'a positive integer',
  seed: 'an integer from 0 to 2^53 − 1',
  sessionOrder: 'one of time, stored, shuffled',
};

/** Names of all keys. */
export const configKeys: readonly string[] = Object.keys(allowed);

/**
 * Checks a configuration; absent keys take their defaults.
 *
 * @throws ConfigError naming every wrong key, what it may be and what came.
 */
export function parseConfig(value: unknown): ModelConfig {
  const result = schema.safeParse(value);
  if (!result.success) throw new ConfigError(describeIssues(result.error, value));
  const config = result.data;
  if (config.batchSize === 1 && config.nSample === 0) {
    throw new ConfigError(
      'configuration: "nSample" expected a positive integer with batchSize 1, got 0. ' +
        'A single slot without samples has nothing to rank its target against.',
    );
  }
  if (!config.constrainedEmbedding || config.embedding === 0) return config;
  throw new ConfigError(
    `configuration: "embedding" expected 0 with constrainedEmbedding, got ${JSON.stringify(config.embedding)}. ` +
      'A constrained embedding uses the output table for the input; set constrainedEmbedding to false for a table of its own.',
  );
}

function describeIssues(error: z.ZodError, value: unknown): string {
  const lines = new Set<string>();
  for (const issue of error.issues) {
    if (issue.code === 'unrecognized_keys') {
      lines.add(
        `unknown key ${issue.keys.map((k) => `"${k}"`).join(', ')}; the keys are ${configKeys.join(', ')}`,
      );
      continue;
    }
    const key = issue.path[0] as keyof ModelConfig | undefined;
    if (key === undefined) lines.add('expected an object with hyper-parameters');
    else
      lines.add(
        `"${key}" expected ${allowed[key]}, got ${JSON.stringify((value as Record<string, unknown>)[key])}`,
      );
  }
  return `configuration: ${[...lines].join('; ')}`;
}

/** The configuration of the step itself: the width of a separate input table as a number. */
export function stepConfig(config: ModelConfig): StepConfig {
  const embedding = config.embedding === 'layersize' ? (config.layers[0] ?? 0) : config.embedding;
  return { ...config, embedding };
}

import { z } from 'zod';
import { configDefaults, configSchema, type ModelConfig } from './config.ts';
import { presets } from './model-config.ts';
import { activations } from './programs/activations.ts';

/** What each hyper-parameter does, in Markdown. The README's table, the site and the JSON Schema use these texts. */
export const configMeanings: Readonly<Record<keyof ModelConfig, string>> = {
  loss: 'Loss function',
  layers: 'Units of each recurrent layer, the one next to the input first',
  constrainedEmbedding: 'Whether input rows are the rows of the output table',
  embedding: 'Without `constrainedEmbedding`: the width of the input table',
  cell: 'Recurrent cell',
  gru: 'Variant of the cell `gru`: `reset-before` is that of the papers, `reset-after` that of cuDNN and PyTorch',
  batchSize: 'Sessions trained in parallel',
  nSample: 'Sampled negatives per step',
  sampleAlpha: 'Samples are drawn ∝ support^sampleAlpha: 0 draws uniformly, 1 by popularity',
  logq: 'Strength of the logQ correction of cross-entropy',
  temperature: 'Cross-entropy divides the scores by it',
  hardNegatives:
    'Number of other columns, those with the greatest scores, that cross-entropy compares a target with; 0: all',
  bpreg: 'Weight of the score regularisation of BPR-max',
  smoothing: 'Label smoothing of cross-entropy',
  finalAct: 'Activation of the scores, for losses other than cross-entropy',
  hiddenAct: 'Activation of the candidate state, and of the output of `lstm`',
  parts:
    'What a score is the sum of: the `network`; `repeats`, a value for the session’s own items by place, clicks and score; `co-occurrences`, a value for items that share sessions with them; `similar-attributes`, a value for items that share `itemFeatures` with them; `recent-clicks` and `age`, values for the recent clicks of an item and the time since its first one, which serving counts on. All but the network are fitted to held-out sessions',
  repeatLength: 'Number of distinct items of a session that `parts` read, the last ones',
  dropoutPEmbed: 'Share of input-row elements that are dropped',
  dropoutPHidden: 'Share of each layer’s output that is dropped',
  optimizer: 'Optimiser',
  learningRate: 'Step size',
  warmupSteps: 'Steps over which the learning rate rises linearly',
  learningRateDecay: '`linear`: the learning rate falls to 0 over the run',
  momentum: 'Momentum of adagrad, rmsprop and sgd',
  decay: 'Decay of the running means of rmsprop and adadelta',
  beta1: 'Decay of adam’s mean of gradients',
  beta2: 'Decay of adam’s mean of squares',
  lmbd: 'L2: a step also moves a value by −learningRate · lmbd · value',
  gradCap: 'Largest norm of the whole gradient of a step',
  sigma: 'Scale of initial values; 0 is √(6 / (rows + columns)) per matrix',
  initAsNormal: 'Whether initial values are normal with that standard deviation, instead of uniform in ± it',
  resetAfterSession:
    'Whether the hidden state is 0 at the start of a session; `false` carries it over within an epoch',
  nEpochs: 'Passes over the training sessions',
  holdOut:
    'Share of the training sessions, the latest ones, that `patience` and the fit of `parts` use without a validation split; they are learnt once at the end',
  patience: 'Epochs without a better `validationMetric` after which training stops and keeps the best epoch',
  validationMetric: 'Metric at 20 items on held-out sessions that determines the best epoch',
  itemFeatures:
    'Columns of the items file of `prepare --items` whose values are features: items then share what their values have in common, and items without clicks are recommended too',
  itemVectors:
    'Columns of the items file whose numbers, a list or one per column, are the vector of an item, such as that of its text: it is not trained, but a matrix that makes a row of it is',
  itemFeatureScale:
    'How many times as large and as fast as other rows those of features start and learn; an item’s row is its own plus the sum of its features’ and what its vector gives',
  coldItemOffset:
    'What is added to the scores of items without clicks; `auto` is fitted to held-out clicks of items taken for new ones',
  coldItemLoss:
    'The largest share of the recall of other items that a fitted `coldItemOffset` may cost; it stops before, where items taken for new ones are found as often',
  clickFeatures:
    'Columns of clicks that the dataset keeps (`prepare --columns type=NAME context=NAME`) whose values are features: an input row is the item’s plus the sum of those of the click’s features',
  clickFeatureScale:
    'How many times as large and as fast as other rows those of features of clicks start and learn',
  targetTypes:
    'Event types of the clicks that training predicts, such as `purchase`, with all clicks as input; `[]`: all',
  seed: 'Seed of initial values, samples, dropout and shuffling',
  sessionOrder:
    'Order in which sessions are trained; `shuffled` draws it again each epoch, with more than 16 `blocks` within 16 of them',
  averageDecay: 'β of the mean of the parameters at the ends of epochs; 0: the parameters of the last epoch',
  tunedOn: 'SHA-256 of the sessions on which `npx gru4rec tune` found these values; used only for a warning',
};

/** A JSON Schema, of draft 2020-12. */
export type JsonSchema = Readonly<Record<string, unknown>>;

/** A hyper-parameter for readers. */
export interface HyperParameter {
  readonly key: string;
  readonly fallback: unknown;
  readonly expected: string;
  readonly meaning: string;
}

const written = z.toJSONSchema(configSchema, { io: 'input' });
const properties = written.properties as Readonly<Record<keyof ModelConfig, JsonSchema>>;
const keys = Object.keys(properties) as (keyof ModelConfig)[];

/** All hyper-parameters, in the order of the schema. */
export const hyperParameters: readonly HyperParameter[] = keys.map((key) => ({
  key,
  fallback: configDefaults[key],
  expected: String(properties[key]['description']),
  meaning: configMeanings[key],
}));

/**
 * The JSON Schema of a configuration's file, for editors and other programs. It accepts all that `parseConfig` accepts except
 * for unusual spellings of an activation's constants, and does not know which keys contradict each other.
 */
export function configJsonSchema(): JsonSchema {
  const description = 'Where absent keys take their values from, instead of their defaults.';
  const preset = { enum: Object.keys(presets), description };
  return {
    $schema: written.$schema,
    title: 'Configuration of GRU4Rec',
    description:
      'Hyper-parameters of a model and its training; absent keys take the values of the preset, or their defaults.',
    type: 'object',
    properties: { $schema: { type: 'string' }, preset, ...configValueSchemas() },
    additionalProperties: false,
  };
}

/** The JSON Schema of each hyper-parameter's value. */
export function configValueSchemas(): Readonly<Record<string, JsonSchema>> {
  return Object.fromEntries(
    hyperParameters.map(({ key, fallback, expected, meaning }) => [
      key,
      {
        ...properties[key as keyof ModelConfig],
        default: fallback,
        ...(key === 'finalAct' || key === 'hiddenAct' ? activationSchema() : {}),
        description: `${meaning.replaceAll('`', '')}. Allowed: ${expected}.`,
      },
    ]),
  );
}

function activationSchema(): JsonSchema {
  const entries = Object.entries(activations).map(
    ([name, { constants }]) => [name, Object.keys(constants).length] as const,
  );
  const names = entries.filter(([, constants]) => constants === 0).map(([name]) => name);
  const patterns = entries
    .filter(([, constants]) => constants > 0)
    .map(([name, constants]) => name + '-(\\d+\\.?\\d*|\\.\\d+)'.repeat(constants));
  return { anyOf: [{ enum: names }, { pattern: `^(${patterns.join('|')})$` }] };
}

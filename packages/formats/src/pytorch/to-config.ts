import { show } from '@gru4rec/checks';
import {
  embeddingWidth,
  exponent,
  flag,
  integer,
  type Kind,
  loss,
  nonNegative,
  OriginalFormatError,
  type OriginalParameters,
  positiveInteger,
  positiveNumber,
  probability,
  widths,
} from './parameters.ts';

/** A configuration for `parseConfig`, with notes on the mapping. */
export interface MappedConfig {
  readonly config: Record<string, unknown>;
  /** One line per parameter that was dropped or has another effect than its name says. */
  readonly notes: readonly string[];
}

/** By their names in the authors' code. */
interface Given {
  readonly loss?: 'cross-entropy' | 'bpr-max';
  readonly elu_param?: number;
  readonly layers?: readonly number[];
  readonly embedding?: number | 'layersize';
  readonly constrained_embedding?: boolean;
  readonly n_epochs?: number;
  readonly batch_size?: number;
  readonly dropout_p_embed?: number;
  readonly dropout_p_hidden?: number;
  readonly n_sample?: number;
  readonly sample_alpha?: number;
  readonly bpreg?: number;
  readonly logq?: number;
  readonly learning_rate?: number;
  readonly momentum?: number;
}

const kinds: { readonly [Name in keyof Given]-?: Kind<NonNullable<Given[Name]>> } = {
  loss,
  elu_param: nonNegative,
  layers: widths,
  embedding: embeddingWidth,
  constrained_embedding: flag,
  n_epochs: positiveInteger,
  batch_size: positiveInteger,
  dropout_p_embed: probability,
  dropout_p_hidden: probability,
  n_sample: integer,
  sample_alpha: exponent,
  bpreg: nonNegative,
  logq: nonNegative,
  learning_rate: positiveNumber,
  momentum: probability,
};

const samples = 'it sizes a buffer of samples and does not affect what is drawn';
/** With the reason. */
const dropped: Readonly<Record<string, string>> = {
  sample_store_size: samples,
  sample_cache_max_size: samples,
  device: 'the engine decides where it runs',
  compatibility_mode: 'it selects other random numbers for the initial weights',
};

/** In the order of the README's table. */
export const parameterNames: readonly string[] = [...Object.keys(kinds), ...Object.keys(dropped)];

/**
 * Maps parameters of the authors' PyTorch program to a configuration that trains in the same way. Absent
 * parameters get the authors' defaults, not ours.
 * @throws OriginalFormatError naming the parameter, its value, why it cannot be mapped and what to do.
 */
export function toConfig(parameters: OriginalParameters): MappedConfig {
  if (typeof parameters !== 'object' || parameters === null || Array.isArray(parameters)) {
    refuse('parameters', 'an object of names and values', parameters, 'See parseParameterFile.');
  }
  const notes: string[] = [];
  const given = readGiven(parameters, notes);
  const { batch_size: batchSize = 64, n_sample: nSample = 2048 } = given;
  if (batchSize === 1 && nSample === 0) {
    const advice = 'Otherwise there are no negatives to compare a target with.';
    refuse('n_sample', 'a positive integer with batch_size 1', 0, advice);
  }
  const config = {
    ...ofLoss(given, notes),
    ...ofInput(given, notes),
    nEpochs: given.n_epochs ?? 10,
    batchSize,
    nSample,
    sampleAlpha: given.sample_alpha ?? 0.5,
    learningRate: given.learning_rate ?? 0.05,
    momentum: given.momentum ?? 0,
  };
  return { config, notes };
}

/** @param notes - a line is appended for each parameter without an effect. */
function readGiven(parameters: OriginalParameters, notes: string[]): Given {
  const given: [string, unknown][] = [];
  for (const [name, raw] of Object.entries(parameters)) {
    if (Object.hasOwn(dropped, name)) {
      notes.push(`"${name}" is dropped: ${dropped[name]}.`);
      continue;
    }
    if (!Object.hasOwn(kinds, name)) {
      const expected = `one of the PyTorch program’s ${parameterNames.join(', ')}`;
      const advice = 'Check its spelling, or remove it.';
      throw new OriginalFormatError(
        `toConfig: "${name.slice(0, 80)}" expected ${expected}, got an unknown name with ${show(raw)}. ${advice}`,
      );
    }
    const kind: Kind<unknown> = kinds[name as keyof Given];
    const value = kind.read(raw);
    if (value === undefined) {
      throw new OriginalFormatError(`toConfig: "${name}" expected ${kind.expected}, got ${show(raw)}.`);
    }
    given.push([name, value]);
  }
  return Object.fromEntries(given);
}

function ofLoss(given: Given, notes: string[]): Record<string, unknown> {
  const { loss = 'cross-entropy', elu_param: elu, bpreg = 1, logq = 0 } = given;
  if (loss === 'cross-entropy') {
    if (elu) notes.push(`"elu_param" ${elu} is dropped: it has no effect with loss cross-entropy.`);
    return { loss, finalAct: 'linear', bpreg, logq };
  }
  if (logq > 0) notes.push(`"logq" ${logq} becomes 0: the PyTorch code uses it only with cross-entropy.`);
  return { loss, finalAct: elu === 0 ? 'linear' : `elu-${decimal(elu ?? 0.5)}`, bpreg, logq: 0 };
}

/** Without an exponent, whose minus sign would be read as a separator. */
function decimal(value: number): string {
  return value.toLocaleString('en', { useGrouping: false, maximumFractionDigits: 20 });
}

function ofInput(given: Given, notes: string[]): Record<string, unknown> {
  const { layers = [100], embedding = 0, constrained_embedding: constrainedEmbedding = true } = given;
  const { dropout_p_embed: dropoutPEmbed = 0, dropout_p_hidden: dropoutPHidden = 0 } = given;
  if (constrainedEmbedding && embedding !== 0) {
    const advice = 'The PyTorch code fails here; set constrained_embedding=False for a separate table.';
    refuse('embedding', '0 with constrained_embedding True', embedding, advice);
  }
  const keys = { layers, embedding, constrainedEmbedding };
  if (constrainedEmbedding || embedding !== 0) {
    return { ...keys, gru: 'reset-after', dropoutPEmbed, dropoutPHidden };
  }
  // With one-hot input, their cell is reset-before, with dropout_p_embed on its output.
  if (layers.length > 1) {
    const advice =
      'Its first layer is then reset-before and the next ones are reset-after, which a model here cannot mix (and the PyTorch code itself fails); give an embedding.';
    refuse('layers', 'one layer with one-hot input in the PyTorch code', layers, advice);
  }
  if (dropoutPEmbed > 0 || dropoutPHidden > 0) {
    notes.push(
      `"dropout_p_embed" ${dropoutPEmbed} becomes dropoutPHidden, and "dropout_p_hidden" ${dropoutPHidden} is dropped: with one-hot input the PyTorch code applies the former to the layer's output and the latter nowhere.`,
    );
  }
  return { ...keys, gru: 'reset-before', dropoutPEmbed: 0, dropoutPHidden: dropoutPEmbed };
}

function refuse(name: string, expected: string, got: unknown, advice: string): never {
  throw new OriginalFormatError(`toConfig: "${name}" expected ${expected}, got ${show(got)}. ${advice}`);
}

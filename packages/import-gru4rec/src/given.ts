import { show } from '@gru4rec/checked-options';
import { OriginalFormatError } from './original-format-error.ts';
import {
  embeddingWidth,
  exponent,
  flag,
  integer,
  type Kind,
  nonNegative,
  optionalText,
  positiveInteger,
  positiveNumber,
  probabilities,
  probability,
  text,
  widths,
} from './value-kinds.ts';

/** The authors' two programs. */
export type OriginalCode = 'pytorch' | 'theano';

/** The parameters that affect results, by their names in the authors' code. */
export interface Given {
  readonly loss?: string;
  readonly final_act?: string;
  readonly elu_param?: number;
  readonly hidden_act?: string;
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
  readonly smoothing?: number;
  readonly adapt?: string;
  readonly adapt_params?: readonly number[];
  readonly decay?: number;
  readonly learning_rate?: number;
  readonly momentum?: number;
  readonly lmbd?: number;
  readonly grad_cap?: number;
  readonly sigma?: number;
  readonly init_as_normal?: boolean;
  readonly reset_after_session?: boolean;
  readonly train_random_order?: boolean;
  readonly time_sort?: boolean;
}

const parameterKinds: { readonly [Name in keyof Given]-?: Kind<NonNullable<Given[Name]>> } = {
  loss: text,
  final_act: optionalText,
  elu_param: nonNegative,
  hidden_act: text,
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
  smoothing: probability,
  adapt: optionalText,
  adapt_params: probabilities,
  decay: probability,
  learning_rate: positiveNumber,
  momentum: probability,
  lmbd: nonNegative,
  grad_cap: nonNegative,
  sigma: nonNegative,
  init_as_normal: flag,
  reset_after_session: flag,
  train_random_order: flag,
  time_sort: flag,
};

const column = 'it names a column of the events, which is an option of `prepare`';
const samples = 'it sizes or places a buffer of samples and does not affect what is drawn';

/** Parameters without an effect here, each with the reason. */
const dropped: Readonly<Record<string, string>> = {
  session_key: column,
  item_key: column,
  time_key: column,
  sample_store: samples,
  sample_store_size: samples,
  sample_cache_max_size: samples,
  store_type: samples,
  device: 'the engine decides where it runs',
  compatibility_mode: 'it selects other random numbers for the initial weights',
};

/** Names that only one of the two programs has. */
const ownNames: Readonly<Record<OriginalCode, readonly string[]>> = {
  pytorch: ['elu_param', 'device', 'sample_cache_max_size', 'compatibility_mode'],
  theano: [
    'final_act',
    'hidden_act',
    'smoothing',
    'adapt',
    'adapt_params',
    'decay',
    'lmbd',
    'grad_cap',
    'sigma',
    'init_as_normal',
    'reset_after_session',
    'train_random_order',
    'time_sort',
    'session_key',
    'item_key',
    'time_key',
    'sample_store',
    'store_type',
  ],
};

/** Names of all known parameters, in the order of the README's table. */
export const parameterNames: readonly string[] = [...Object.keys(parameterKinds), ...Object.keys(dropped)];

/** Those of `names` that only the given program has. */
export function namesOf(code: OriginalCode, names: readonly string[]): string[] {
  return names.filter((name) => ownNames[code].includes(name));
}

/**
 * Checks the names of parameters, and converts their values.
 *
 * @param notes - a line is appended for each parameter without an effect.
 * @throws OriginalFormatError for an unknown name or an invalid value.
 */
export function readGiven(parameters: Readonly<Record<string, unknown>>, notes: string[]): Given {
  const given: [string, unknown][] = [];
  for (const [name, raw] of Object.entries(parameters)) {
    if (Object.hasOwn(dropped, name)) {
      notes.push(`"${name}" is dropped: ${dropped[name]}.`);
      continue;
    }
    if (!Object.hasOwn(parameterKinds, name)) {
      throw new OriginalFormatError(
        `toConfig: "${name.slice(0, 80)}" expected one of ${parameterNames.join(', ')}, got an unknown name with ${show(raw)}. Check its spelling, or remove it.`,
      );
    }
    const kind: Kind<unknown> = parameterKinds[name as keyof Given];
    const value = kind.read(raw);
    if (value === undefined) {
      throw new OriginalFormatError(`toConfig: "${name}" expected ${kind.expected}, got ${show(raw)}.`);
    }
    given.push([name, value]);
  }
  return Object.fromEntries(given);
}

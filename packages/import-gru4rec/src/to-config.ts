import { anything, checkOptions } from '@gru4rec/checked-options';
import { type Given, namesOf, type OriginalCode, readGiven } from './given.ts';
import { mapHiddenActivation } from './map-activations.ts';
import { mapEmbedding } from './map-embedding.ts';
import { mapLoss } from './map-loss.ts';
import { mapOptimizer } from './map-optimizer.ts';
import { codeNames, type Mapping, refuse } from './mapping.ts';
import type { OriginalParameters } from './parameter-value.ts';

/** A configuration for `parseConfig`, with notes on the mapping. */
export interface MappedConfig {
  readonly config: Record<string, unknown>;
  /** One line per parameter that was dropped, was assumed or has a slightly different effect. */
  readonly notes: readonly string[];
}

const THEANO_LOSSES = /^(bpr|top1|top1-max|xe_logit|bpr-max-.*)$/;

/** Defaults of the Theano code that have changed since 2017. */
const defaultsUntil2017: Readonly<Partial<Record<keyof Given, string>>> = {
  loss: 'top1',
  batch_size: '50',
  dropout_p_hidden: '0.5',
  learning_rate: '0.05',
  n_sample: '0',
};

/**
 * Maps parameters of the authors' code to a configuration that trains in the same way. Absent parameters get the
 * authors' defaults, not ours.
 *
 * @param options.code - the program that the parameters are for, which determines defaults and cell. By default it is
 *   inferred: the Theano code if a name or the loss exists only there, otherwise the PyTorch code.
 * @throws OriginalFormatError naming the parameter, its value, why it cannot be mapped and what to do.
 */
export function toConfig(
  parameters: OriginalParameters,
  options: { readonly code?: OriginalCode } = {},
): MappedConfig {
  if (typeof parameters !== 'object' || parameters === null || Array.isArray(parameters)) {
    refuse('parameters', 'an object of names and values', parameters, 'See parseParameterString.');
  }
  const notes: string[] = [];
  const given = readGiven(parameters, notes);
  const names = Object.keys(parameters);
  checkOptions('toConfig', options, { code: anything });
  const code = options.code ?? inferCode(names, given, notes);
  if (code !== 'pytorch' && code !== 'theano') {
    refuse('code', 'one of pytorch, theano', code, 'Leave it out to infer it from the parameters.');
  }
  const mapping = { given, code, notes };
  noteForeign(mapping, names);
  noteOlder(mapping);
  return { config: configOf(mapping), notes };
}

function configOf(mapping: Mapping): Record<string, unknown> {
  const { given, code } = mapping;
  const batchSize = given.batch_size ?? (code === 'pytorch' ? 64 : 32);
  const nSample = given.n_sample ?? 2048;
  if (batchSize === 1 && nSample === 0) {
    refuse(
      'n_sample',
      'a positive integer with batch_size 1',
      0,
      'Otherwise there are no negatives to compare a target with.',
    );
  }
  return {
    ...mapLoss(mapping),
    ...mapEmbedding(mapping),
    ...mapOptimizer(mapping),
    cell: 'gru',
    hiddenAct: mapHiddenActivation(mapping),
    nEpochs: given.n_epochs ?? 10,
    batchSize,
    nSample,
    sampleAlpha: given.sample_alpha ?? (code === 'pytorch' ? 0.5 : 0.75),
    lmbd: given.lmbd ?? 0,
    gradCap: given.grad_cap ?? 0,
    sigma: given.sigma ?? 0,
    initAsNormal: given.init_as_normal ?? false,
    resetAfterSession: given.reset_after_session ?? true,
    sessionOrder: sessionOrder(mapping),
  };
}

function sessionOrder({ given, notes }: Mapping): string {
  const { train_random_order: shuffled = false, time_sort: byTime = true } = given;
  if (shuffled) return 'shuffled';
  if (byTime) return 'time';
  notes.push(
    '"time_sort" False uses the order of the dataset; the Theano code orders sessions by their ids.',
  );
  return 'stored';
}

function inferCode(names: readonly string[], given: Given, notes: string[]): OriginalCode {
  if (namesOf('pytorch', names).length > 0) return 'pytorch';
  const [name] = namesOf('theano', names);
  const loss = given.loss !== undefined && THEANO_LOSSES.test(given.loss) ? `loss ${given.loss}` : undefined;
  if (name === undefined && loss === undefined) return 'pytorch';
  const reason = loss ?? `"${name}"`;
  notes.push(`${reason} exists only in the Theano code: its defaults and its cell, reset-before, are used.`);
  return 'theano';
}

function noteForeign({ code, notes }: Mapping, names: readonly string[]): void {
  const other = code === 'pytorch' ? 'theano' : 'pytorch';
  for (const name of namesOf(other, names)) {
    notes.push(`"${name}" exists only in ${codeNames[other]}, and has the meaning that it has there.`);
  }
}

function noteOlder({ given, notes }: Mapping): void {
  const older: Partial<Record<keyof Given, unknown>> = {
    decay: given.decay,
    reset_after_session: given.reset_after_session,
    final_act: given.final_act === 'None' ? 'None' : undefined,
    loss: given.loss?.startsWith('bpr-max-') ? given.loss : undefined,
  };
  const [name] = Object.entries(older).find(([, value]) => value !== undefined) ?? [];
  const absent = Object.entries(defaultsUntil2017).filter(([key]) => given[key as keyof Given] === undefined);
  if (name === undefined || absent.length === 0) return;
  const defaults = absent.map(([key, value]) => `${key}=${value}`).join(', ');
  notes.push(
    `"${name}" was used until 2017, when absent parameters meant ${defaults}: give these values to train as then.`,
  );
}

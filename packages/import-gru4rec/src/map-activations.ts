import { type LossName, losses } from '@gru4rec/model/programs';
import { type Mapping, refuse } from './mapping.ts';

const CONSTANT = String.raw`(\d+\.?\d*|\.\d+)`;
const ACTIVATION = new RegExp(`^(linear|relu|tanh|(leaky|elu)-${CONSTANT}|selu-${CONSTANT}-${CONSTANT})$`);
const SPELLINGS = 'linear, relu, tanh, leaky-<X>, elu-<X>, selu-<X>-<Y>';

/**
 * Maps hidden_act.
 * @throws OriginalFormatError for an unknown activation.
 */
export function mapHiddenActivation({ given }: Mapping): string {
  const { hidden_act: hidden = 'tanh' } = given;
  if (!ACTIVATION.test(hidden)) refuse('hidden_act', `one of ${SPELLINGS}`, hidden, 'Check its spelling.');
  return hidden;
}

/**
 * Maps final_act and elu_param, the activation of the scores before the loss. A loss of ours that does not read
 * `finalAct` includes the softmax.
 *
 * @throws OriginalFormatError for an unknown activation, or one that does not fit the loss or elu_param.
 */
export function mapFinalActivation(
  mapping: Mapping,
  { spelling: loss, loss: ours }: { readonly spelling: string; readonly loss: LossName },
): string {
  if (!losses[ours].reads.includes('finalAct')) return ofSoftmax(mapping, loss);
  const { given, code } = mapping;
  const ofParam = eluOfParam(mapping, loss);
  const explicit = given.final_act === undefined ? undefined : ofPairwise(given.final_act, loss);
  if (explicit !== undefined && ofParam !== undefined && !same(explicit, ofParam)) {
    const advice = `It contradicts final_act ${explicit}; give only one of the two.`;
    refuse(
      'elu_param',
      explicit === 'linear' ? '0' : `the constant of final_act ${explicit}`,
      given.elu_param,
      advice,
    );
  }
  return explicit ?? ofParam ?? (code === 'pytorch' && loss === 'bpr-max' ? 'elu-0.5' : 'linear');
}

function ofSoftmax({ given, code, notes }: Mapping, loss: string): string {
  const { final_act: final, elu_param: elu = 0 } = given;
  const expected = loss === 'xe_logit' ? 'softmax_logit' : 'softmax';
  if (final === undefined && code === 'theano') {
    notes.push(
      `"final_act" is read as ${expected}: its default in the Theano code, linear, has no meaning with loss ${loss}.`,
    );
  }
  if (elu > 0) notes.push(`"elu_param" ${elu} is dropped: it has no effect with loss ${loss}.`);
  if (final === undefined || final === expected || final === 'None') return 'linear';
  const advice = `Here the softmax is part of cross-entropy and is applied to the raw scores; give final_act=${expected}.`;
  return refuse('final_act', `${expected} with loss ${loss}`, final, advice);
}

function ofPairwise(final: string, loss: string): string {
  if (ACTIVATION.test(final)) return final;
  // Until 2016, None meant tanh for bpr and top1.
  if (final === 'None' && (loss === 'bpr' || loss === 'top1')) return 'tanh';
  const softmax = final.startsWith('softmax');
  const advice = softmax ? 'A softmax of the scores requires loss cross-entropy.' : 'Check its spelling.';
  return refuse('final_act', `one of ${SPELLINGS} with loss ${loss}`, final, advice);
}

function eluOfParam({ given }: Mapping, loss: string): string | undefined {
  const elu = given.elu_param;
  if (elu === undefined) return undefined;
  if (elu === 0) return 'linear';
  if (loss === 'bpr-max' || loss === 'top1-max') return `elu-${decimal(elu)}`;
  return refuse(
    'elu_param',
    `0 with loss ${loss}`,
    elu,
    'It is a parameter of bpr-max; give final_act instead.',
  );
}

/** Formats a number without an exponent, whose minus sign would be read as a separator. */
function decimal(value: number): string {
  return value.toLocaleString('en', { useGrouping: false, maximumFractionDigits: 20 });
}

function same(a: string, b: string): boolean {
  const [nameA, constantA] = a.split('-');
  const [nameB, constantB] = b.split('-');
  const constants = constantA === constantB || Number(constantA) === Number(constantB);
  return nameA === nameB && constants;
}

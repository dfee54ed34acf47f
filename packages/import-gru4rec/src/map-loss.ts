import { type LossName, losses } from '@gru4rec/model/programs';
import { mapFinalActivation } from './map-activations.ts';
import { codeNames, type Mapping, refuse } from './mapping.ts';

/** Their losses under our names. */
const LOSSES: ReadonlyMap<string, LossName> = new Map([
  ['cross-entropy', 'cross-entropy'],
  ['bpr-max', 'bpr-max'],
  ['bpr', 'bpr'],
  ['top1', 'top1'],
  ['top1-max', 'top1-max'],
  ['xe_logit', 'cross-entropy'],
]);
const BPR_MAX_OF_2017 = /^bpr-max-(\d+\.?\d*|\.\d+)$/;

/** Configuration keys of the loss. */
export interface LossKeys {
  readonly loss: LossName;
  readonly finalAct: string;
  readonly bpreg: number;
  readonly logq: number;
  readonly smoothing: number;
}

/**
 * Maps loss, final_act, elu_param, bpreg, logq and smoothing.
 * @throws OriginalFormatError for an unknown loss, or a parameter that does not fit it.
 */
export function mapLoss(mapping: Mapping): LossKeys {
  const { given, code } = mapping;
  const spelling = given.loss ?? (code === 'pytorch' ? 'cross-entropy' : 'bpr-max');
  const [, bpregOfLoss] = BPR_MAX_OF_2017.exec(spelling) ?? [];
  const known = bpregOfLoss === undefined ? spelling : 'bpr-max';
  const loss =
    LOSSES.get(known) ??
    refuse('loss', `one of ${[...LOSSES.keys()].join(', ')}`, spelling, 'Check its spelling.');
  const { reads } = losses[loss];
  return {
    loss,
    finalAct: mapFinalActivation(mapping, { spelling: known, loss }),
    bpreg: bpreg(mapping, bpregOfLoss),
    logq: reads.includes('logq') ? (given.logq ?? 0) : withoutLogq(mapping, known),
    smoothing: reads.includes('smoothing') ? (given.smoothing ?? 0) : withoutSmoothing(mapping, known),
  };
}

function bpreg({ given }: Mapping, ofLoss: string | undefined): number {
  if (ofLoss === undefined) return given.bpreg ?? 1;
  if (given.bpreg !== undefined && given.bpreg !== Number(ofLoss)) {
    const advice = 'Until 2017 it was part of the name of the loss; give it only once.';
    refuse('bpreg', `${ofLoss} with loss bpr-max-${ofLoss}`, given.bpreg, advice);
  }
  return Number(ofLoss);
}

function withoutLogq({ given, code, notes }: Mapping, loss: string): number {
  const logq = given.logq ?? 0;
  if (logq > 0 && code === 'theano') {
    const advice = `The Theano code corrects the scores of ${loss} as well; here logq requires loss cross-entropy.`;
    refuse('logq', `0 with loss ${loss}`, logq, advice);
  }
  if (logq > 0) notes.push(`"logq" ${logq} becomes 0: ${codeNames[code]} uses it only with cross-entropy.`);
  return 0;
}

function withoutSmoothing({ given, code, notes }: Mapping, loss: string): number {
  const smoothing = given.smoothing ?? 0;
  if (smoothing > 0) {
    notes.push(`"smoothing" ${smoothing} becomes 0: ${codeNames[code]} does not use it with loss ${loss}.`);
  }
  return 0;
}

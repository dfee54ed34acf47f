import { createHash } from 'node:crypto';
import { keepSessions, type SessionDataset, type SessionTable } from '@gru4rec/dataset';
import { type Evaluation, evaluate, type PairedDifference, pairedBootstrap } from '@gru4rec/metrics';
import { addItems, Gru4Rec } from '@gru4rec/model';
import type { Engine } from '@gru4rec/program';
import { RESAMPLES } from '../arguments/evaluation.ts';

/** One of this number of sessions is held out. */
const PARTS = 20;
/** The most sessions that are evaluated, the latest ones. */
const MOST_SESSIONS = 2000;
const CUTOFF = 20;
/** A model is worse if chance alone would give such a difference less often. */
const LEVEL = 0.05;

/** By the id alone, so that every night holds out the same. Visits of one user are held out together. */
export function isHeldOut(sessionId: string): boolean {
  const hash = createHash('sha256').update(sessionId.replace(/#\d+$/, '')).digest();
  return hash.readUInt32BE() % PARTS === 0;
}

/** The sessions that began at `fromMs` or later, by whether they are held out; earlier ones are learnt. */
export function partsOf(train: SessionTable, fromMs: number): { learnt: number[]; heldOut: number[] } {
  const learnt: number[] = [];
  const heldOut: number[] = [];
  for (const [session, startMs] of train.sessionStartTimes.entries()) {
    const isOut = startMs >= fromMs && isHeldOut(train.sessionIds[session] as string);
    (isOut ? heldOut : learnt).push(session);
  }
  return { learnt, heldOut };
}

export interface Verdict {
  readonly sessions: number;
  readonly predictions: number;
  /** At 20 items. */
  readonly recall: number;
  readonly mrr: number;
  /** Of the model that was current. */
  readonly before: { readonly recall: number; readonly mrr: number };
  readonly p: { readonly recall: number; readonly mrr: number };
  readonly isWorse: boolean;
}

/** Compares a model with the one that is current, on the same held-out sessions. Both rank all items of the dataset. */
export function judge(
  model: Gru4Rec,
  current: Gru4Rec,
  { dataset, heldOut, engine }: { dataset: SessionDataset; heldOut: readonly number[]; engine: Engine },
): Verdict | undefined {
  const { train: sessions } = keepSessions(dataset, heldOut.slice(-MOST_SESSIONS));
  if (sessions.items.length === 0) return undefined;
  const evaluationOf = (one: Gru4Rec): Evaluation => {
    const whole = knowingAll(one, dataset, engine);
    const items = sessions.items.map((item) => whole.itemIndex(dataset.itemIds.at(item) ?? '') ?? -1);
    const options = { cutoffs: [CUTOFF], keepRanks: true, lists: false, tieRule: 'standard' as const };
    return evaluate(whole.scorer(dataset.contextColumns), { ...sessions, items }, options);
  };
  const [own, before] = [evaluationOf(model), evaluationOf(current)];
  const { recall, mrr } = pairedBootstrap(own, before, { cutoff: CUTOFF, resamples: RESAMPLES, seed: 1 });
  const isWorse = ({ difference, p }: PairedDifference) => difference < 0 && p < LEVEL;
  const figures = ({ results: [result] }: Evaluation) => ({
    recall: result?.recall ?? 0,
    mrr: result?.mrr ?? 0,
  });
  return {
    ...{ sessions: own.sessions, predictions: own.predictions },
    ...figures(own),
    ...{ before: figures(before), p: { recall: recall.p, mrr: mrr.p } },
    isWorse: isWorse(recall) || isWorse(mrr),
  };
}

/** Below any score. */
const NEVER = -1e9;

/** The model with the items that it lacks, in none of its lists. */
function knowingAll(model: Gru4Rec, { itemIds }: SessionDataset, engine: Engine): Gru4Rec {
  const ids = [...itemIds].filter((id) => model.itemIndex(id) === undefined);
  const whole = new Gru4Rec({ ...addItems(model, { ids, features: new Int32Array() }), engine });
  whole.tensors.find(({ name }) => name === 'by')?.values.fill(NEVER, model.itemIds.length);
  return whole;
}

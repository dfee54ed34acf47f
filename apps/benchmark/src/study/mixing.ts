import { tuneMix } from '@gru4rec/baselines';
import type { Scorer, SessionArrays } from '@gru4rec/metrics';
import { CUTOFF, type Figures, scoreOf } from './fit.ts';

/** A weight of the first scorer of a mix, and its figures on the validation sessions. */
export interface MixWeight {
  readonly weight: number;
  readonly figures: Figures;
}

/** The weight, in tenths, with which a mix of two scorers is best on validation sessions. */
export function tuneWeight(scorers: readonly [Scorer, Scorer], heldOut: SessionArrays): MixWeight {
  const { points } = tuneMix(scorers, heldOut, { cutoff: CUTOFF });
  const best = points.reduce((found, point) => (scoreOf(point) > scoreOf(found) ? point : found));
  return { weight: best.weight, figures: { recall: best.recall, mrr: best.mrr } };
}

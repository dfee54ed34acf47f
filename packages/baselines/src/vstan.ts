import type { OptionChecks } from '@gru4rec/checked-options';
import type { Scorer } from '@gru4rec/metrics';
import type { BaselineData, BaselineKind } from './baseline-kind.ts';
import { type NeighbourMethod, neighbourKind, neighbourScorer } from './neighbour-scorer.ts';
import {
  cosine,
  exponential,
  idfCheck,
  inverseFrequency,
  lambdaCheck,
  neighbourhood,
} from './session-weights.ts';
import { type StanOptions, stanChecks } from './stan.ts';

/** Options of VSTAN. Those that it shares with STAN have the same defaults. */
export interface VstanOptions extends StanOptions {
  /**
   * λ4 > 0, clicks of the session after the last shared item after which the items of a neighbour weigh 1/e: 1.02 if
   * not given; Infinity switches it off.
   */
  readonly lambda4?: number;
  /** λ ≥ 0 of the factor 1 + λ ln(sessions / sessions with i), which raises rare items: 5 if not given; 0 for no effect. */
  readonly idfWeight?: number;
}

const checks: OptionChecks<VstanOptions> = { ...stanChecks, lambda4: lambdaCheck, idfWeight: idfCheck };

/**
 * VSTAN: STAN with the item scoring of V-SKNN.
 *
 * score(i) = Σ over the neighbours n with i of sim2(s, n) · exp(−|p(i, n) − p(i*, n)| / λ3)
 *            · exp((p(i*, s) − |s|) / λ4) · (1 + λ ln(N / N_i)), N training sessions, N_i of them with i
 *             (Ludewig, Mauro, Latifi, Jannach 2021, User Modeling and User-Adapted Interaction, arXiv:1910.12781)
 *
 * sim2, p and i* are those of `stan`, with the same ages; clicked items and items of no neighbour are treated in the
 * same way. The defaults of λ4 and the idf weight are those of the authors' session-rec framework.
 *
 * @param data - needs `train.sessionStartTimes`, for the ages of sessions.
 */
export function vstan(data: BaselineData, options: VstanOptions = {}): Scorer {
  return neighbourScorer(data, vstanMethod(options));
}

export const vstanKind: BaselineKind = neighbourKind('VSTAN', checks, vstanMethod);

function vstanMethod(options: VstanOptions): NeighbourMethod {
  const caller = 'vstan';
  const { lambda1 = 1.02, lambda2 = 5, lambda3 = 2.05 } = options;
  const { lambda4 = 1.02, idfWeight = 5 } = options;
  const size = neighbourhood(options, { neighbours: 500, sampleSize: 5000 });
  const [position, lastPosition] = [exponential(lambda1), exponential(lambda4)];
  return {
    name: 'VSTAN',
    caller,
    weights: {
      click: (click, length) => position(length - click),
      similarity: cosine,
      age: exponential(lambda2),
      lastShared: (click, length) => lastPosition(length - click),
      distance: exponential(lambda3),
      item: inverseFrequency(idfWeight),
    },
    size,
  };
}

import {
  countOrAll,
  finite,
  integer,
  type OptionCheck,
  type OptionChecks,
  positive,
} from '@gru4rec/checked-options';

/** Numbers of sessions that a session-based nearest neighbour considers. */
export interface NeighbourhoodOptions {
  /** k, the most similar sessions of the sample, whose items are scored. */
  readonly neighbours?: number;
  /** m, size of the sample: the most recent training sessions that share an item with the current session. */
  readonly sampleSize?: number;
  /**
   * Number of training sessions to index, those that start last: all if not given, as with Infinity. The others still
   * count for the popularity of items, but not for how rare an item is.
   */
  readonly indexSessions?: number;
}

/** Defaults of a neighbourhood. */
export type NeighbourhoodDefaults = Required<Omit<NeighbourhoodOptions, 'indexSessions'>>;

/** The checks of `NeighbourhoodOptions`. */
export const neighbourhoodChecks: OptionChecks<NeighbourhoodOptions> = {
  neighbours: integer(1),
  sampleSize: integer(1),
  indexSessions: countOrAll,
};

/** The check of a λ of weights e^(−x/λ); with Infinity every weight is 1. */
export const lambdaCheck: OptionCheck = { ...positive, advice: 'Infinity switches it off.' };

/** The check of the λ of `inverseFrequency`. */
export const idfCheck: OptionCheck = { ...finite(0), advice: '0 switches it off.' };

/** Fills in defaults. */
export function neighbourhood(
  options: NeighbourhoodOptions,
  defaults: NeighbourhoodDefaults,
): Required<NeighbourhoodOptions> {
  const { neighbours = defaults.neighbours, sampleSize = defaults.sampleSize } = options;
  return { neighbours, sampleSize, indexSessions: options.indexSessions ?? Number.POSITIVE_INFINITY };
}

import { checkCount } from './rule-options.ts';

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

/**
 * Fills in defaults and checks the numbers of sessions.
 *
 * @throws RangeError if one is not an integer ≥ 1.
 */
export function neighbourhood(
  caller: string,
  options: NeighbourhoodOptions,
  defaults: NeighbourhoodDefaults,
): Required<NeighbourhoodOptions> {
  const { neighbours = defaults.neighbours, sampleSize = defaults.sampleSize } = options;
  const { indexSessions = Number.POSITIVE_INFINITY } = options;
  for (const [name, value] of Object.entries({ neighbours, sampleSize })) {
    if (Number.isInteger(value) && value >= 1) continue;
    throw new RangeError(`${caller}: "${name}" expected integer >= 1, got ${value}.`);
  }
  checkCount(caller, 'indexSessions', indexSessions);
  return { neighbours, sampleSize, indexSessions };
}

/**
 * Checks the λ of weights e^(−x/λ), given by name.
 *
 * @throws RangeError if one is not above 0. Infinity is allowed and makes every weight 1.
 */
export function checkLambdas(caller: string, lambdas: Readonly<Record<string, number>>): void {
  for (const [name, value] of Object.entries(lambdas)) {
    if (typeof value === 'number' && value > 0) continue;
    throw new RangeError(`${caller}: "${name}" expected number > 0, got ${value}. Infinity switches it off.`);
  }
}

/**
 * Checks the λ of `inverseFrequency`.
 *
 * @throws RangeError if it is not a finite number ≥ 0.
 */
export function checkIdfWeight(caller: string, idfWeight: number): void {
  if (idfWeight >= 0 && Number.isFinite(idfWeight)) return;
  throw new RangeError(
    `${caller}: "idfWeight" expected finite number >= 0, got ${idfWeight}. 0 switches it off.`,
  );
}

/**
 * Looks up the value of an option.
 *
 * @throws RangeError that lists the allowed values if it is none of them.
 */
export function choose<T>(
  caller: string,
  name: string,
  choices: Readonly<Record<string, T>>,
  value: string,
): T {
  const chosen = Object.hasOwn(choices, value) ? choices[value] : undefined;
  if (chosen !== undefined) return chosen;
  throw new RangeError(
    `${caller}: "${name}" expected one of ${Object.keys(choices).join(', ')}, got ${value}.`,
  );
}

import { closest, distance } from 'fastest-levenshtein';

/**
 * A question to put before an error, such as `Did you mean train? `, with a trailing blank.
 *
 * @param given - unknown names.
 * @param spelt - returns a known name as the user types it.
 * @returns an empty string if no known name is similar to any of them.
 */
export function didYouMean(
  given: readonly string[],
  known: readonly string[],
  spelt: (name: string) => string = (name) => name,
): string {
  const found = given.flatMap((name) => nearest(name, known) ?? []);
  return found.length === 0 ? '' : `Did you mean ${[...new Set(found)].map(spelt).join(', ')}? `;
}

/** Beyond three letters, names of other things become suggestions: `temperature` is four away from `itemFeatures`. */
const MOST_WRONG = 3;

/** The nearest known name, if at most this share of the letters, rounded up, and no more than three differ. */
export function nearest(name: string, known: readonly string[], share: number = 1 / 3): string | undefined {
  if (known.length === 0 || name === '') return undefined;
  const [plain, plainKnown] = [plainOf(name), known.map(plainOf)];
  const found = closest(plain, plainKnown);
  const most = Math.min(MOST_WRONG, Math.ceil(plain.length * share));
  return distance(plain, found) <= most ? known[plainKnown.indexOf(found)] : undefined;
}

/** Normalises spelling: `batch-size`, `batch_size` and `batchSize` are equal. */
function plainOf(name: string): string {
  return name.toLowerCase().replaceAll(/[-_ ]/g, '');
}

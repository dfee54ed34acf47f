import { closest, distance } from 'fastest-levenshtein';

/**
 * A question that comes ahead of what is wrong, with a blank behind it: `Did you mean train? `.
 *
 * @param given - the names that are not known.
 * @param spelt - a known name as it is to be typed.
 * @returns an empty text if no known name is like any of them.
 */
export function didYouMean(
  given: readonly string[],
  known: readonly string[],
  spelt: (name: string) => string = (name) => name,
): string {
  const found = given.flatMap((name) => nearest(name, known) ?? []);
  return found.length === 0 ? '' : `Did you mean ${[...new Set(found)].map(spelt).join(', ')}? `;
}

/** A third of the letters may be wrong, rounded up. */
function nearest(name: string, known: readonly string[]): string | undefined {
  if (known.length === 0 || name === '') return undefined;
  const [plain, plainKnown] = [plainOf(name), known.map(plainOf)];
  const found = closest(plain, plainKnown);
  const wrong = distance(plain, found);
  return wrong <= Math.ceil(plain.length / 3) ? known[plainKnown.indexOf(found)] : undefined;
}

/** `batch-size` and `batch_size` are `batchSize`. */
function plainOf(name: string): string {
  return name.toLowerCase().replaceAll(/[-_ ]/g, '');
}

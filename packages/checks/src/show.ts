import { closest, distance } from 'fastest-levenshtein';

const MAX_SHOWN = 100;
const MOST_NAMES = 20;

/**
 * Formats any value for an error message, even one of megabytes or nested deeper than `JSON.stringify` can follow.
 *
 * @returns at most 100 characters of its JSON; numbers as JavaScript writes them; `nothing` for undefined; the name of the
 *   class of any other object.
 */
export function show(value: unknown): string {
  if (value === undefined) return 'nothing';
  if (typeof value === 'function') return 'a function';
  if (typeof value !== 'object' && typeof value !== 'string') return String(value);
  const made = value?.constructor;
  if (typeof value === 'object' && made && made !== Object && made !== Array) return made.name;
  try {
    // Cut before it is converted, because a string may have megabytes.
    return shorten(JSON.stringify(typeof value === 'string' ? value.slice(0, MAX_SHOWN + 1) : value));
  } catch {
    return 'a value nested too deeply';
  }
}

/** Lists names for an error message: the first 20, and how many others there are. @param spelt - how a name is written. */
export function showNames(names: readonly string[], spelt: (name: string) => string = shorten): string {
  const more = names.length - MOST_NAMES;
  return [...names.slice(0, MOST_NAMES).map(spelt), ...(more > 0 ? [`and ${more} more`] : [])].join(', ');
}

/** At most 100 characters of a text, for messages. */
export function shorten(text: string): string {
  return text.length > MAX_SHOWN ? `${text.slice(0, MAX_SHOWN)}…` : text;
}

/**
 * A question to put before an error, such as `Did you mean train? `, with a trailing blank.
 *
 * @param words - unknown names.
 * @param spelt - returns a known name as the user types it.
 * @returns an empty string if no known name is similar to any of them.
 */
export function didYouMean(
  words: readonly string[],
  known: readonly string[],
  spelt: (name: string) => string = (name) => name,
): string {
  const meant = words.flatMap((name) => nearest(name, known) ?? []);
  return meant.length === 0 ? '' : `Did you mean ${[...new Set(meant)].map(spelt).join(', ')}? `;
}

/** Beyond three letters, names of other things become suggestions: `temperature` is four away from `itemFeatures`. */
const MOST_WRONG = 3;

/** The nearest known name, if at most a third of the letters, rounded up, and no more than three differ. */
export function nearest(name: string, known: readonly string[]): string | undefined {
  if (known.length === 0 || name === '') return undefined;
  const [plain, plainKnown] = [plainOf(name), known.map(plainOf)];
  const match = closest(plain, plainKnown);
  const most = Math.min(MOST_WRONG, Math.ceil(plain.length / 3));
  return distance(plain, match) <= most ? known[plainKnown.indexOf(match)] : undefined;
}

/** Normalises spelling: `batch-size`, `batch_size` and `batchSize` are equal. */
function plainOf(name: string): string {
  return name.toLowerCase().replaceAll(/[-_ ]/g, '');
}

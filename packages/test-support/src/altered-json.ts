/** A copy of a JSON value with one change. */
export interface AlteredJson {
  /** Describes the change in the name of a test case, such as `history.0.loss: null`. */
  readonly label: string;
  /** The changed copy. Its unchanged parts are shared with the original. */
  readonly value: unknown;
}

/** Values that a damaged file may have instead of any other. */
const replacements: readonly (readonly [label: string, value: unknown])[] = [
  ...[null, {}, [], [null], [{}], true, 0, -1, 0.5, 2 ** 53, 1e308, '', 'NaN', '-Infinity', '__proto__'].map(
    (value) => [JSON.stringify(value), value] as const,
  ),
  ['a long string', 'x'.repeat(100_000)],
  ['a deep array', deep(1_000)],
  ['control characters', '\u001b]0;\u0007\n\u202e\u0085'],
];

function deep(levels: number): unknown {
  return JSON.parse(`${'['.repeat(levels)}${']'.repeat(levels)}`);
}

/**
 * Changes each value within a JSON object in turn: copies in which it is replaced, and one in which it is missing. The
 * last copy has an additional key.
 *
 * @param skipped - keys of the object that are not changed, such as that of a checksum that the caller recomputes.
 * @example [...alteredJson({ a: 1 })].map(({ label }) => label) // 'a: null', 'a: {}', …, 'a is missing', 'a key more'
 */
export function* alteredJson(value: unknown, skipped: readonly string[] = []): Generator<AlteredJson> {
  for (const path of pathsOf(value)) {
    if (skipped.includes(path[0] ?? '')) continue;
    const place = path.join('.');
    for (const [label, replacement] of replacements) {
      yield { label: `${place}: ${label}`, value: replaced(value, path, replacement) };
    }
    yield { label: `${place} is missing`, value: replaced(value, path, undefined) };
  }
  yield { label: 'a key more', value: { ...(value as object), more: 1 } };
}

/** Paths of all nested values; of an array, only those of its first and last entry. */
function pathsOf(value: unknown): string[][] {
  if (typeof value !== 'object' || value === null) return [];
  const keys = Object.keys(value);
  const visited = Array.isArray(value) && keys.length > 2 ? [keys[0] ?? '', keys.at(-1) ?? ''] : keys;
  return visited.flatMap((key) => [
    [key],
    ...pathsOf((value as Record<string, unknown>)[key]).map((path) => [key, ...path]),
  ]);
}

function replaced(value: unknown, [key = '', ...path]: readonly string[], by: unknown): unknown {
  const copy = (Array.isArray(value) ? [...value] : { ...(value as object) }) as Record<string, unknown>;
  if (path.length > 0) copy[key] = replaced(copy[key], path, by);
  else if (by !== undefined) copy[key] = by;
  else if (Array.isArray(copy)) copy.splice(Number(key), 1);
  else delete copy[key];
  return copy;
}

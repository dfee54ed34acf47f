/** A copy of a JSON value in which one thing is another. */
export interface AlteredJson {
  /** Such as `history.0.loss: null`; for the name of a test case. */
  readonly label: string;
  /** Fresh. */
  readonly value: unknown;
}

/** Values that a file may have in the place of any other. */
const strangers: readonly (readonly [label: string, value: unknown])[] = [
  ...[null, {}, [], [null], [{}], true, 0, -1, 0.5, 2 ** 53, 1e308, '', 'NaN', '-Infinity', '__proto__'].map(
    (value) => [JSON.stringify(value), value] as const,
  ),
  ['a long text', 'x'.repeat(100_000)],
  ['a deep list', deep(1_000)],
  ['control characters', '\u001b]0;\u0007\n\u202e\u0085'],
];

function deep(levels: number): unknown {
  return JSON.parse(`${'['.repeat(levels)}${']'.repeat(levels)}`);
}

/**
 * For each place of a JSON value: copies in which it has another value or is missing; for each object one with a key more.
 *
 * @param at - keys whose places are left out with all that is in them, such as a checksum that the caller makes anew.
 * @example [...alteredJson({ a: 1 })].map(({ label }) => label) // 'a: null', 'a: {}', …, 'a is missing', 'a key more'
 */
export function* alteredJson(value: unknown, at: readonly string[] = []): Generator<AlteredJson> {
  for (const path of pathsOf(value)) {
    if (at.includes(path[0] ?? '')) continue;
    const place = path.join('.');
    for (const [label, stranger] of strangers) {
      yield { label: `${place}: ${label}`, value: replaced(value, path, stranger) };
    }
    yield { label: `${place} is missing`, value: replaced(value, path, undefined) };
  }
  yield { label: 'a key more', value: { ...(value as object), more: 1 } };
}

/** Of a long list the first and the last entry stand for all. */
function pathsOf(value: unknown): string[][] {
  if (typeof value !== 'object' || value === null) return [];
  const keys = Object.keys(value);
  const looked = Array.isArray(value) && keys.length > 2 ? [keys[0] ?? '', keys.at(-1) ?? ''] : keys;
  return looked.flatMap((key) => [
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

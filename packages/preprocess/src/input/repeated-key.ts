import type { LineKeys } from './columns.ts';

type ReadKeys = Pick<LineKeys, 'line' | 'eventsField' | 'event'>;

/** An object or list that contains the current position of a JSON text. */
interface Open {
  /** Keys so far. Undefined until there is one, because a text may be nested millions deep. */
  keys: Set<string> | undefined;
  key: string;
}

/**
 * Finds a repeated key among the keys to read: `JSON.parse` uses its last value and DuckDB its first.
 *
 * @param json - valid JSON.
 */
export function repeatedKey(json: string, keys: ReadKeys): string | undefined {
  const open: Open[] = [];
  let text = '';
  for (let at = 0; at < json.length; at++) {
    const character = json[at];
    const place = open.at(-1);
    if (character === '"') {
      const end = stringEnd(json, at);
      text = json.slice(at, end + 1);
      at = end;
    } else if (character === '{' || character === '[') {
      open.push({ keys: undefined, key: '' });
    } else if (character === '}' || character === ']') {
      open.pop();
    } else if (character === ':' && place !== undefined) {
      place.key = String(JSON.parse(text));
      place.keys ??= new Set();
      if (place.keys.has(place.key) && keysRead(open, keys).includes(place.key)) return place.key;
      place.keys.add(place.key);
    }
  }
  return undefined;
}

/** The keys to read from the innermost object. */
function keysRead(open: readonly Open[], { line, eventsField, event }: ReadKeys): readonly string[] {
  if (open.length === 1) return line;
  return open.length === 3 && open[0]?.key === eventsField ? event : [];
}

/** Not a regular expression, which would recurse for every escape of the string. */
function stringEnd(json: string, start: number): number {
  for (let at = start + 1; at < json.length; at++) {
    if (json[at] === '\\') at++;
    else if (json[at] === '"') return at;
  }
  return json.length;
}

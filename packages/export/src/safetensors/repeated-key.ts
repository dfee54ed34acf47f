/**
 * Finds the first key that an object of a JSON text has twice. `JSON.parse` would silently use the last one.
 *
 * @param json - valid JSON.
 * @returns the key, or undefined if there is none.
 */
export function repeatedKey(json: string): string | undefined {
  const open: Set<string>[] = [];
  let [start, end] = [0, 0];
  for (let at = 0; at < json.length; at++) {
    const character = json[at];
    if (character === '"') {
      [start, end] = [at, stringEnd(json, at)];
      at = end;
    } else if (character === '{' || character === '[') {
      open.push(new Set());
    } else if (character === '}' || character === ']') {
      open.pop();
    } else if (character === ':') {
      const key = String(JSON.parse(json.slice(start, end + 1)));
      if (open.at(-1)?.has(key)) return key;
      open.at(-1)?.add(key);
    }
  }
  return undefined;
}

/** Not a regular expression: its stack would grow with the number of escapes in the string. */
function stringEnd(json: string, start: number): number {
  for (let at = start + 1; at < json.length; at++) {
    if (json[at] === '\\') at++;
    else if (json[at] === '"') return at;
  }
  return json.length;
}

/**
 * What a runtime has loaded under a name.
 *
 * @param caller - for messages.
 * @throws RangeError listing the known names.
 */
export function valueNamed<Value>(
  caller: string,
  kind: 'program' | 'variable',
  known: ReadonlyMap<string, Value>,
  name: string,
): Value {
  const value = known.get(name);
  if (value !== undefined) return value;
  throw new RangeError(`${caller}: "${kind}" expected one of ${[...known.keys()].join(', ')}, got ${name}`);
}

import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { checkJson, type JsonFlaw } from '../src/json.ts';

const schema = z.object({
  count: z.int().nonnegative(),
  kind: z.enum(['a', 'b']).optional(),
  rows: z.array(z.strictObject({ loss: z.number().max(9) })).optional(),
  fact: z.union([z.string(), z.number()], 'expected a string or a number').optional(),
});

/** `[path, expected, got]` of a value's first flaw. */
function flawOf(value: unknown): readonly string[] {
  const flaws: JsonFlaw[] = [];
  expect(() => checkJson(schema, value, (flaw) => new Error(`${flaws.push(flaw)}`))).toThrow('1');
  return flaws.flatMap(({ path, expected, got }) => [path, expected, got]);
}

describe('checkJson', () => {
  it('returns the keys that the schema knows', () => {
    expect(checkJson(schema, { count: 3, more: [1] }, () => new Error())).toEqual({ count: 3 });
  });

  it.each<[unknown, string, string, string]>([
    [null, '', 'an object', 'null'],
    [{}, 'count', 'a number', 'nothing'],
    [{ count: -1 }, 'count', 'a number >=0', '-1'],
    [{ count: 1e308 }, 'count', 'an integer <=9007199254740991', '1e+308'],
    [{ count: 1, kind: 'c' }, 'kind', '"a"|"b"', '"c"'],
    [{ count: 1, rows: {} }, 'rows', 'a list', '{}'],
    [{ count: 1, rows: [{ loss: 10 }] }, 'rows.0.loss', 'a number <=9', '10'],
    [{ count: 1, rows: [{ loss: 1, x: 2 }] }, 'rows.0', 'no key "x"', '{"loss":1,"x":2}'],
    [{ count: 1, fact: [] }, 'fact', 'a string or a number', '[]'],
  ])('names the first flaw of %j', (value, ...flaw) => {
    expect(flawOf(value)).toEqual(flaw);
  });

  it('cuts long values and does not show deeply nested ones', () => {
    expect(flawOf({ count: 'x'.repeat(1e7) })[2]).toBe(`"${'x'.repeat(99)}…`);
    const deep = JSON.parse(`${'['.repeat(1e5)}${']'.repeat(1e5)}`);
    expect(flawOf({ count: deep })[2]).toBe('a value nested too deeply');
  });
});

import type { z } from 'zod';
import { shorten, show, showNames } from './show.ts';

/** Where a value violates its schema, as parts of a one-line message. */
export interface JsonFlaw {
  /** Keys and indices from the root, such as `history.0.loss`; empty for the root. At most 100 characters. */
  readonly path: string;
  /** For instance `a number`, or `"x"|"y"`. */
  readonly expected: string;
  /** The value as `show` writes it; `nothing` for a missing key. */
  readonly got: string;
}

/**
 * Checks a value against a schema.
 *
 * @param value - from `JSON.parse` or a database, nested to any depth.
 * @param refuse - returns the error to throw for the first flaw.
 * @returns the schema's output: new objects without unknown keys, unless the schema allows them.
 * @throws the error that `refuse` returns.
 */
export function checkJson<Schema extends z.ZodType>(
  schema: Schema,
  value: unknown,
  refuse: (flaw: JsonFlaw) => Error,
): z.output<Schema> {
  const result = schema.safeParse(value);
  if (result.success) return result.data;
  const [issue] = result.error.issues;
  const path = issue?.path ?? [];
  const found = path.reduce<unknown>(
    (part, key) => (part as Record<PropertyKey, unknown> | null)?.[key],
    value,
  );
  throw refuse({ path: shorten(path.join('.')), expected: expectedBy(issue), got: show(found) });
}

const articles: Readonly<Record<string, string>> = {
  string: 'a string',
  number: 'a number',
  boolean: 'true or false',
  int: 'an integer',
  array: 'a list',
  object: 'an object',
  record: 'an object',
};

/** zod's message without the received type, in plain words. A message that the schema sets is kept. */
function expectedBy(issue: z.core.$ZodIssue | undefined): string {
  if (issue?.code === 'unrecognized_keys') return `no key ${showNames(issue.keys.map(show))}`;
  const [, wanted] = /expected (?:one of )?(.*?)(?:, received .*)?$/s.exec(issue?.message ?? '') ?? [];
  if (wanted === undefined) return issue?.message ?? 'another value';
  const [, kind, bound] = /^(\w+) to be (.*)$/.exec(wanted) ?? [];
  if (kind === undefined) return articles[wanted] ?? wanted;
  return `${articles[kind] ?? kind} ${bound}`;
}

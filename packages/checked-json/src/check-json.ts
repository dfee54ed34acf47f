import type { z } from 'zod';

/** Where a value violates its schema, as parts of a one-line message. */
export interface JsonFlaw {
  /** Keys and indices from the root, such as `history.0.loss`; empty for the root. At most 60 characters. */
  readonly path: string;
  /** For instance `a number`, or `"x"|"y"`. */
  readonly expected: string;
  /** The value as `showJson` writes it; `nothing` for a missing key. */
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
  throw refuse({ path: shown(path.join('.')), expected: expectedBy(issue), got: showJson(found) });
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
  if (issue?.code === 'unrecognized_keys')
    return `no key ${issue.keys.map((key) => showJson(key)).join(', ')}`;
  const [, wanted] = /expected (?:one of )?(.*?)(?:, received .*)?$/s.exec(issue?.message ?? '') ?? [];
  if (wanted === undefined) return issue?.message ?? 'another value';
  const [, kind, bound] = /^(\w+) to be (.*)$/.exec(wanted) ?? [];
  if (kind === undefined) return articles[wanted] ?? wanted;
  return `${articles[kind] ?? kind} ${bound}`;
}

const MAX_SHOWN = 60;

/**
 * Formats any value for an error message, even one of megabytes or nested deeper than `JSON.stringify` can follow.
 *
 * @returns at most 60 characters of its JSON; numbers as JavaScript writes them; `nothing` for undefined.
 */
export function showJson(value: unknown): string {
  if (value === undefined) return 'nothing';
  if (typeof value === 'number' || typeof value === 'bigint') return String(value);
  try {
    // Cut before it is converted, because a string may have megabytes.
    const text = typeof value === 'string' ? value.slice(0, MAX_SHOWN + 1) : value;
    return shown(JSON.stringify(text) ?? String(value));
  } catch {
    return 'a value nested too deeply';
  }
}

function shown(text: string): string {
  return text.length > MAX_SHOWN ? `${text.slice(0, MAX_SHOWN)}…` : text;
}

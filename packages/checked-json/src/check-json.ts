import type { z } from 'zod';

/** What is wrong with a value, in the words of one line. */
export interface JsonFlaw {
  /** Keys and indices from the top, such as `history.0.loss`; empty for the value itself. */
  readonly path: string;
  /** Such as `a number`, or `"x"|"y"`. */
  readonly expected: string;
  /** What came: at most 60 characters of JSON; `nothing` for a missing key. */
  readonly got: string;
}

/**
 * Checks a value against a schema.
 *
 * @param value - from `JSON.parse` or a database; nested however deeply.
 * @param refuse - makes the error of the first flaw.
 * @returns what the schema gives (fresh where it has objects), without keys that it does not know.
 * @throws what `refuse` makes.
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

/** zod's own sentence without what came, in plain words; a text that a schema gives is kept. */
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
 * A value in a message: a file may hold megabytes, or nest deeper than `JSON.stringify` goes.
 * @returns its JSON, at most 60 characters of it; numbers as JavaScript writes them; `nothing` for undefined.
 */
export function showJson(value: unknown): string {
  if (value === undefined) return 'nothing';
  if (typeof value === 'number' || typeof value === 'bigint') return String(value);
  try {
    // Of a long text only the part that is shown: the value may have megabytes.
    const text = typeof value === 'string' ? value.slice(0, MAX_SHOWN + 1) : value;
    return shown(JSON.stringify(text) ?? String(value));
  } catch {
    return 'a value nested too deeply';
  }
}

function shown(text: string): string {
  return text.length > MAX_SHOWN ? `${text.slice(0, MAX_SHOWN)}…` : text;
}

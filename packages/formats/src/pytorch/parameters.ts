/** A parameter or file of the authors' code that is invalid or has no counterpart here. The message is one line. */
export class OriginalFormatError extends RangeError {
  override readonly name = 'OriginalFormatError';

  /** @param message - its control characters, such as line breaks within a name, are escaped. */
  constructor(message: string, options?: ErrorOptions) {
    super(
      message.replace(/[\p{Cc}\u2028\u2029]/gu, (found) => JSON.stringify(found).slice(1, -1)),
      options,
    );
  }
}

/** Value of a parameter: a literal of a Python file. */
export type ParameterValue = string | number | boolean | null | readonly ParameterValue[];

/** Parameters by their names in the authors' code. */
export type OriginalParameters = Readonly<Record<string, ParameterValue>>;

/** What differs between Python's literals and JSON; strings and comments are matched as a whole. */
const TOKENS = /'[^'"\\\n]*'|"[^"\\\n]*"|#.*|\b(?:True|False|None)\b|[()]|,(?=\s*[)\]])/g;
const AS_JSON: Readonly<Record<string, string>> = {
  ...{ True: 'true', False: 'false', None: 'null' },
  ...{ '(': '[', ')': ']', ',': '' },
};

/**
 * Reads a parameter file of the authors' PyTorch program: `name = OrderedDict([('name', literal), …])`, maybe
 * after imports. Nothing is evaluated.
 * @param fileName - for messages.
 * @throws OriginalFormatError for anything else.
 */
export function parseParameterFile(text: string, fileName = 'parameters.py'): OriginalParameters {
  const json = text.replace(TOKENS, (token) => {
    if (token.startsWith("'")) return `"${token.slice(1, -1)}"`;
    return token.startsWith('#') ? '' : (AS_JSON[token] ?? token);
  });
  const pairs = readPairs(json);
  const names = pairs?.map(([name]) => name);
  if (pairs !== undefined && new Set(names).size === pairs.length) return Object.fromEntries(pairs);
  throw new OriginalFormatError(
    `parseParameterFile: "parameters" expected one OrderedDict([("name", literal), ...]) with each name once, got another text, at ${fileName}. The file is parsed, never run: write it like those of the PyTorch program.`,
  );
}

/** @returns undefined if `json` is not an assignment of one call with one list of pairs. */
function readPairs(json: string): [string, ParameterValue][] | undefined {
  const start = json.search(/(?:^|\n)\w+ *= *(?:collections\.)?OrderedDict\[/);
  try {
    const [pairs, ...others]: unknown[] =
      start === -1 ? [] : JSON.parse(json.slice(json.indexOf('[', start)));
    const isPair = (pair: unknown) => Array.isArray(pair) && pair.length === 2 && typeof pair[0] === 'string';
    return Array.isArray(pairs) && pairs.every(isPair) && others.length === 0 ? pairs : undefined;
  } catch {
    return undefined;
  }
}

/** The value may be quoted: `'512/256'` as well as `[512, 256]`. */
export interface Kind<T> {
  readonly expected: string;
  /** @returns undefined if the value is not allowed. */
  read(value: unknown): T | undefined;
}

const INTEGER = /^[+-]?\d+$/;
const NUMBER = /^[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?$/;

/** A number, or a string that Python's float() accepts. */
function numberOf(value: unknown): number | undefined {
  const number = typeof value === 'string' && NUMBER.test(value.trim()) ? Number(value) : value;
  return typeof number === 'number' && Number.isFinite(number) ? number : undefined;
}

/** An integer, or a string that Python's int() accepts. */
function integerOf(value: unknown): number | undefined {
  if (typeof value === 'string' && !INTEGER.test(value.trim())) return undefined;
  const number = numberOf(value);
  return Number.isSafeInteger(number) ? number : undefined;
}

function within<T extends number>(value: T | undefined, fits: (value: T) => boolean): T | undefined {
  return value !== undefined && fits(value) ? value : undefined;
}

const positive = (value: unknown): number | undefined => within(integerOf(value), (n) => n > 0);

export const loss: Kind<'cross-entropy' | 'bpr-max'> = {
  expected: 'cross-entropy or bpr-max',
  read: (value) => {
    const name = typeof value === 'string' ? value.trim() : value;
    return name === 'cross-entropy' || name === 'bpr-max' ? name : undefined;
  },
};

export const flag: Kind<boolean> = {
  expected: 'True or False',
  read: (value) => {
    if (value === true || value === 1 || value === 'True' || value === '1') return true;
    return value === false || value === 0 || value === 'False' || value === '0' ? false : undefined;
  },
};

export const positiveInteger: Kind<number> = { expected: 'a positive integer', read: positive };

export const integer: Kind<number> = {
  expected: 'an integer ≥ 0',
  read: (value) => within(integerOf(value), (n) => n >= 0),
};

export const nonNegative: Kind<number> = {
  expected: 'a number ≥ 0',
  read: (value) => within(numberOf(value), (n) => n >= 0),
};

export const positiveNumber: Kind<number> = {
  expected: 'a number > 0',
  read: (value) => within(numberOf(value), (n) => n > 0),
};

export const probability: Kind<number> = {
  expected: 'a number ≥ 0 and < 1',
  read: (value) => within(numberOf(value), (n) => n >= 0 && n < 1),
};

export const exponent: Kind<number> = {
  expected: 'a number from 0 to 1',
  read: (value) => within(numberOf(value), (n) => n >= 0 && n <= 1),
};

/** An array, a string with `/` between its items, or a single item. */
export const widths: Kind<readonly number[]> = {
  expected: 'positive integers, such as [100] or 512/256',
  read: (value) => {
    const parts = typeof value === 'string' ? value.split('/') : value;
    const items = (Array.isArray(parts) ? parts : [parts]).map(positive);
    return items.length > 0 && !items.includes(undefined) ? (items as number[]) : undefined;
  },
};

export const embeddingWidth: Kind<number | 'layersize'> = {
  expected: '0 (one-hot), a positive integer or layersize',
  read: (value) => (value === 'layersize' ? value : integer.read(value)),
};

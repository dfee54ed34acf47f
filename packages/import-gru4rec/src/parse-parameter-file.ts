import { OriginalFormatError } from './original-format-error.ts';
import type { OriginalParameters, ParameterValue } from './parameter-value.ts';

/** What differs between Python's literals and JSON; strings and comments are matched as a whole. */
const TOKENS = /'[^'"\\\n]*'|"[^"\\\n]*"|#.*|\b(?:True|False|None)\b|[()]|,(?=\s*[)\]])/g;
const AS_JSON: Readonly<Record<string, string>> = {
  ...{ True: 'true', False: 'false', None: 'null' },
  ...{ '(': '[', ')': ']', ',': '' },
};

/**
 * Reads a parameter file of the authors' PyTorch program: `name = OrderedDict([('name', literal), …])`, maybe after imports.
 * Nothing is evaluated.
 *
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

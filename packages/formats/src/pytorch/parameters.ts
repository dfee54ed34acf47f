import { show } from '@gru4rec/checks';

/** A parameter or file of the authors' code that is invalid or has no counterpart here. The message is one line. */
export class OriginalFormatError extends RangeError {
  override readonly name = 'OriginalFormatError';

  /** @param message - its control characters, such as line breaks within a name, are escaped. */
  constructor(message: string, options?: ErrorOptions) {
    super(
      message.replace(/[\p{Cc}\u2028\u2029]/gu, (character) => JSON.stringify(character).slice(1, -1)),
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
  True: 'true',
  False: 'false',
  None: 'null',
  '(': '[',
  ')': ']',
  ',': '',
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
interface Kind<T> {
  readonly expected: string;
  /** @returns undefined if the value is not allowed. */
  readonly read: (value: unknown) => T | undefined;
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

function kindOf(
  expected: string,
  fits: (value: number) => boolean,
  parse: (value: unknown) => number | undefined = numberOf,
): Kind<number> {
  return {
    expected,
    read(value) {
      const number = parse(value);
      return number !== undefined && fits(number) ? number : undefined;
    },
  };
}

const nonNegative = kindOf('a number ≥ 0', (n) => n >= 0);
const probability = kindOf('a number ≥ 0 and < 1', (n) => n >= 0 && n < 1);
const integer = kindOf('an integer ≥ 0', (n) => n >= 0, integerOf);
const positiveInteger = kindOf('a positive integer', (n) => n > 0, integerOf);

const loss: Kind<'cross-entropy' | 'bpr-max'> = {
  expected: 'cross-entropy or bpr-max',
  read: (value) => {
    const name = typeof value === 'string' ? value.trim() : value;
    return name === 'cross-entropy' || name === 'bpr-max' ? name : undefined;
  },
};

const flag: Kind<boolean> = {
  expected: 'True or False',
  read: (value) => {
    if (value === true || value === 1 || value === 'True' || value === '1') return true;
    return value === false || value === 0 || value === 'False' || value === '0' ? false : undefined;
  },
};

/** An array, a string with `/` between its items, or a single item. */
const widths: Kind<readonly number[]> = {
  expected: 'positive integers, such as [100] or 512/256',
  read: (value) => {
    const parts = typeof value === 'string' ? value.split('/') : value;
    const items = (Array.isArray(parts) ? parts : [parts]).map(positiveInteger.read);
    return items.length > 0 && !items.includes(undefined) ? (items as number[]) : undefined;
  },
};

const embeddingWidth: Kind<number | 'layersize'> = {
  expected: '0 (one-hot), a positive integer or layersize',
  read: (value) => (value === 'layersize' ? value : integer.read(value)),
};

/** A configuration for `parseConfig`, with notes on the mapping. */
export interface MappedConfig {
  readonly config: Record<string, unknown>;
  /** One line per parameter that was dropped or has another effect than its name says. */
  readonly notes: readonly string[];
}

/** By their names in the authors' code. */
const kinds = {
  loss,
  elu_param: nonNegative,
  layers: widths,
  embedding: embeddingWidth,
  constrained_embedding: flag,
  n_epochs: positiveInteger,
  batch_size: positiveInteger,
  dropout_p_embed: probability,
  dropout_p_hidden: probability,
  n_sample: integer,
  sample_alpha: kindOf('a number from 0 to 1', (n) => n >= 0 && n <= 1),
  bpreg: nonNegative,
  logq: nonNegative,
  learning_rate: kindOf('a number > 0', (n) => n > 0),
  momentum: probability,
};
type Kinds = typeof kinds;
type Given = { readonly [Name in keyof Kinds]?: NonNullable<ReturnType<Kinds[Name]['read']>> };

const samples = 'it sizes a buffer of samples and does not affect what is drawn';
/** With the reason. */
const dropped: Readonly<Record<string, string>> = {
  sample_store_size: samples,
  sample_cache_max_size: samples,
  device: 'the engine decides where it runs',
  compatibility_mode: 'it selects other random numbers for the initial weights',
};

/** In the order of the README's table. */
export const parameterNames: readonly string[] = [...Object.keys(kinds), ...Object.keys(dropped)];

/**
 * Maps parameters of the authors' PyTorch program to a configuration that trains in the same way. Absent
 * parameters get the authors' defaults, not ours.
 * @throws OriginalFormatError naming the parameter, its value, why it cannot be mapped and what to do.
 */
export function toConfig(parameters: OriginalParameters): MappedConfig {
  if (typeof parameters !== 'object' || parameters === null || Array.isArray(parameters)) {
    refuse('parameters', 'an object of names and values', parameters, 'See parseParameterFile.');
  }
  const notes: string[] = [];
  const read = readGiven(parameters, notes);
  const { batch_size: batchSize = 64, n_sample: nSample = 2048 } = read;
  if (batchSize === 1 && nSample === 0) {
    const advice = 'Otherwise there are no negatives to compare a target with.';
    refuse('n_sample', 'a positive integer with batch_size 1', 0, advice);
  }
  const config = {
    ...ofLoss(read, notes),
    ...ofInput(read, notes),
    nEpochs: read.n_epochs ?? 10,
    batchSize,
    nSample,
    sampleAlpha: read.sample_alpha ?? 0.5,
    learningRate: read.learning_rate ?? 0.05,
    momentum: read.momentum ?? 0,
  };
  return { config, notes };
}

/** @param notes - a line is appended for each parameter without an effect. */
function readGiven(parameters: OriginalParameters, notes: string[]): Given {
  const pairs: [string, unknown][] = [];
  for (const [name, raw] of Object.entries(parameters)) {
    if (Object.hasOwn(dropped, name)) {
      notes.push(`"${name}" is dropped: ${dropped[name]}.`);
      continue;
    }
    if (!Object.hasOwn(kinds, name)) {
      const expected = `one of the PyTorch program’s ${parameterNames.join(', ')}`;
      const advice = 'Check its spelling, or remove it.';
      throw new OriginalFormatError(
        `toConfig: "${name.slice(0, 80)}" expected ${expected}, got an unknown name with ${show(raw)}. ${advice}`,
      );
    }
    const kind: Kind<unknown> = kinds[name as keyof Given];
    const value = kind.read(raw);
    if (value === undefined) {
      throw new OriginalFormatError(`toConfig: "${name}" expected ${kind.expected}, got ${show(raw)}.`);
    }
    pairs.push([name, value]);
  }
  return Object.fromEntries(pairs);
}

function ofLoss(given: Given, notes: string[]): Record<string, unknown> {
  const { loss = 'cross-entropy', elu_param: elu, bpreg = 1, logq = 0 } = given;
  if (loss === 'cross-entropy') {
    if (elu) notes.push(`"elu_param" ${elu} is dropped: it has no effect with loss cross-entropy.`);
    return { loss, finalAct: 'linear', bpreg, logq };
  }
  if (logq > 0) notes.push(`"logq" ${logq} becomes 0: the PyTorch code uses it only with cross-entropy.`);
  return { loss, finalAct: elu === 0 ? 'linear' : `elu-${decimal(elu ?? 0.5)}`, bpreg, logq: 0 };
}

/** Without an exponent, whose minus sign would be read as a separator. */
function decimal(value: number): string {
  return value.toLocaleString('en', { useGrouping: false, maximumFractionDigits: 20 });
}

function ofInput(given: Given, notes: string[]): Record<string, unknown> {
  const { layers = [100], embedding = 0, constrained_embedding: constrainedEmbedding = true } = given;
  const { dropout_p_embed: dropoutPEmbed = 0, dropout_p_hidden: dropoutPHidden = 0 } = given;
  if (constrainedEmbedding && embedding !== 0) {
    const advice = 'The PyTorch code fails here; set constrained_embedding=False for a separate table.';
    refuse('embedding', '0 with constrained_embedding True', embedding, advice);
  }
  const keys = { layers, embedding, constrainedEmbedding };
  if (constrainedEmbedding || embedding !== 0) {
    return { ...keys, gru: 'reset-after', dropoutPEmbed, dropoutPHidden };
  }
  // With one-hot input, their cell is reset-before, with dropout_p_embed on its output.
  if (layers.length > 1) {
    const advice =
      'Its first layer is then reset-before and the next ones are reset-after, which a model here cannot mix (and the PyTorch code itself fails); give an embedding.';
    refuse('layers', 'one layer with one-hot input in the PyTorch code', layers, advice);
  }
  if (dropoutPEmbed > 0 || dropoutPHidden > 0) {
    notes.push(
      `"dropout_p_embed" ${dropoutPEmbed} becomes dropoutPHidden, and "dropout_p_hidden" ${dropoutPHidden} is dropped: with one-hot input the PyTorch code applies the former to the layer's output and the latter nowhere.`,
    );
  }
  return { ...keys, gru: 'reset-before', dropoutPEmbed: 0, dropoutPHidden: dropoutPEmbed };
}

function refuse(name: string, expected: string, got: unknown, advice: string): never {
  throw new OriginalFormatError(`toConfig: "${name}" expected ${expected}, got ${show(got)}. ${advice}`);
}

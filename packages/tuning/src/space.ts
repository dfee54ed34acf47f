import { show, showNames } from '@gru4rec/checks';
import { z } from 'zod';

/** A value that JSON can represent. */
export type Json = null | boolean | number | string | readonly Json[] | { readonly [key: string]: Json };

/** A JSON value that is an object. */
export type JsonObject = { readonly [key: string]: Json };

/** A real number, uniform in [low, high]. */
export type UniformParameter = { readonly type: 'uniform'; readonly low: number; readonly high: number };
/** A real number in [low, high], low > 0, whose logarithm is uniform. */
export type LogUniformParameter = {
  readonly type: 'log-uniform';
  readonly low: number;
  readonly high: number;
};
/** One of low, low + step, …, high, uniform, or with `log` uniform in log space. */
export type IntegerParameter = {
  readonly type: 'integer';
  readonly low: number;
  readonly high: number;
  readonly step: number;
  readonly log: boolean;
};
/** One of several values without an order. */
export type ChoiceParameter = { readonly type: 'choice'; readonly options: readonly Json[] };
/** The same value in every trial. */
export type ConstantParameter = { readonly type: 'constant'; readonly value: Json };

/** A parameter of a search space. */
export type Parameter =
  | UniformParameter
  | LogUniformParameter
  | IntegerParameter
  | ChoiceParameter
  | ConstantParameter;

/** Parameters by name. The order of the names has no meaning. */
export type Space = Readonly<Record<string, Parameter>>;

/** One value per parameter of a space, by name. */
export type Values = Readonly<Record<string, Json>>;

/** An invalid search space. */
export class SpaceError extends RangeError {
  override readonly name = 'SpaceError';
  /** One per invalid key or value: what it may be and what it is, without the name of the function. */
  readonly problems: readonly string[];

  constructor(...problems: readonly string[]) {
    super(`parseSpace: ${problems.join('; ')}.`);
    this.problems = problems;
  }
}

const finite = z.number().describe('a finite number');
const positive = z.number().positive().describe('a finite number > 0');
const integer = z.int().describe('an integer');

/** Parameters by type; messages use the descriptions. */
const schemas = {
  uniform: z.strictObject({ type: z.literal('uniform'), low: finite, high: finite }),
  'log-uniform': z.strictObject({ type: z.literal('log-uniform'), low: positive, high: positive }),
  integer: z.strictObject({
    type: z.literal('integer'),
    low: integer,
    high: integer,
    step: z.int().positive().default(1).describe('an integer ≥ 1'),
    log: z.boolean().default(false).describe('true or false'),
  }),
  choice: z.strictObject({
    type: z.literal('choice'),
    options: z.array(z.json()).min(1).describe('a list of at least one JSON value'),
  }),
  constant: z.strictObject({ type: z.literal('constant'), value: z.json().describe('a JSON value') }),
};

const types = Object.keys(schemas) as (keyof typeof schemas)[];

type JsonSchema = Readonly<Record<string, unknown>>;

/**
 * The JSON Schema of a search space's file, for editors and other programs. It does not compare the ends of a range.
 *
 * @param values - the JSON Schema of each parameter's values, by name.
 */
export function spaceJsonSchema(values: Readonly<Record<string, JsonSchema>>): JsonSchema {
  const parameters = Object.entries(values).map(([name, { description, default: _, ...value }]) => [
    name,
    { description, anyOf: [value, ...parameterJsonSchemas(value)] },
  ]);
  return {
    $schema: 'https://json-schema.org/draft/2020-12/schema',
    title: 'Search space',
    description: 'Parameters by name: a range, a choice of options, or a value.',
    type: 'object',
    properties: { $schema: { type: 'string' }, ...Object.fromEntries(parameters) },
    additionalProperties: false,
  };
}

function parameterJsonSchemas(value: JsonSchema): JsonSchema[] {
  const types = [value, ...((value['anyOf'] as JsonSchema[] | undefined) ?? [])].map(({ type }) => type);
  const choice = schemas.choice.extend({ options: z.array(z.unknown().meta(value)).min(1) });
  const constant = schemas.constant.extend({ value: z.unknown().meta(value) });
  const ranges = types.includes('number') ? [schemas.uniform, schemas['log-uniform'], schemas.integer] : [];
  const integers = types.includes('integer') ? [schemas.integer] : [];
  return [choice, ...ranges, ...integers, constant].map((schema) => {
    const { $schema, ...own } = z.toJSONSchema(schema, { io: 'input' });
    return own;
  });
}

const parameterKeys = ['type', 'low', 'high', 'options'];

/**
 * Checks a search space, an object of parameters by name, and fills in defaults. Any JSON value is a constant, also an object
 * without the keys type, low, high and options. Values are at most 32 deep, without a key `__proto__`. The text `$schema`
 * names a JSON Schema for editors; it is no parameter.
 * @returns a new space with every default filled in. Parsing it again returns an equal one.
 * @throws SpaceError naming every invalid key, what it may be and what it is.
 * @example parseSpace({ units: { type: 'integer', low: 1, high: 9 }, loss: 'bpr-max' }).loss // a constant
 */
export function parseSpace(json: unknown): Space {
  const flaw = flawIn(json, MAX_DEPTH);
  if (flaw !== undefined) throw new SpaceError(`"space" expected ${flaw}`);
  const parameters = isObject(json)
    ? Object.entries(json).filter(([name, value]) => name !== '$schema' || typeof value !== 'string')
    : [];
  if (parameters.length === 0) {
    throw new SpaceError(`"space" expected an object of parameters by name, got ${show(json)}`);
  }
  const problems: string[] = [];
  const report = (name: string, expected: string, got: unknown) => {
    problems.push(`"${name}" expected ${expected}, got ${show(got)}`);
  };
  const entries = parameters.map(([name, value]) => [name, parseParameter(name, value, report)]);
  if (problems.length > 0) throw new SpaceError(...problems);
  return Object.fromEntries(entries);
}

/** @returns undefined after it has reported a problem. */
function parseParameter(
  name: string,
  value: unknown,
  report: (name: string, expected: string, got: unknown) => void,
): Parameter | undefined {
  const written = isObject(value) && parameterKeys.some((key) => Object.hasOwn(value, key));
  const object = written ? value : { type: 'constant', value };
  const type = types.find((known) => known === object['type']);
  if (type === undefined) {
    report(`${name}.type`, `one of ${types.join(', ')}`, object['type']);
    return undefined;
  }
  const result = schemas[type].safeParse(object);
  if (!result.success) {
    const shape: Readonly<Record<string, z.ZodType>> = schemas[type].shape;
    for (const issue of result.error.issues) {
      const key = String(issue.path[0]);
      if (issue.code === 'unrecognized_keys')
        report(name, `the keys ${Object.keys(shape).join(', ')}`, showNames(issue.keys));
      else report(key === 'value' ? name : `${name}.${key}`, shape[key]?.description ?? '', object[key]);
    }
    return undefined;
  }
  const clash = clashIn(result.data);
  if (!clash) return result.data;
  report(`${name}.${clash.key}`, clash.expected, object[clash.key]);
  return undefined;
}

interface Clash {
  readonly key: string;
  readonly expected: string;
}

function clashIn(parameter: Parameter): Clash | undefined {
  if (parameter.type === 'constant') return undefined;
  if (parameter.type === 'choice') {
    const distinct = new Set(parameter.options.map(canonicalJson)).size === parameter.options.length;
    return distinct ? undefined : { key: 'options', expected: 'distinct values' };
  }
  const { low, high } = parameter;
  if (!(low < high)) return { key: 'high', expected: `a number > low = ${low}` };
  if (high - low === Number.POSITIVE_INFINITY) return { key: 'high', expected: 'a finite distance from low' };
  return parameter.type === 'integer' ? integerClash(parameter) : undefined;
}

function integerClash({ low, high, step, log }: IntegerParameter): Clash | undefined {
  if (log && low < 1) return { key: 'low', expected: 'an integer ≥ 1 with log' };
  if (log && step !== 1) return { key: 'step', expected: '1 with log' };
  const beyond = (high - low) % step;
  if (beyond === 0) return undefined;
  return {
    key: 'high',
    expected: `low plus a multiple of step, such as ${Math.max(high - beyond, low + step)}`,
  };
}

const MAX_DEPTH = 32;

/** Finds what JSON allows but a space does not: nesting that could overflow the stack, and the key of prototypes. */
function flawIn(value: unknown, depth: number): string | undefined {
  if (typeof value !== 'object' || value === null) return undefined;
  if (depth < 0) return `values nested ${MAX_DEPTH} deep at most, got deeper ones`;
  if (Object.hasOwn(value, '__proto__')) return 'no key "__proto__", got one';
  for (const part of Object.values(value)) {
    const flaw = flawIn(part, depth - 1);
    if (flaw !== undefined) return flaw;
  }
  return undefined;
}

export function isValueOf(parameter: Parameter, value: Json): boolean {
  const isSame = (other: Json) => canonicalJson(other) === canonicalJson(value);
  if (parameter.type === 'constant') return isSame(parameter.value);
  if (parameter.type === 'choice') return parameter.options.some(isSame);
  const isWithin = typeof value === 'number' && value >= parameter.low && value <= parameter.high;
  return isWithin && (parameter.type !== 'integer' || Number.isInteger(value));
}

/** JSON with the keys of every object sorted: equal values have equal texts. */
export function canonicalJson(value: Json): string {
  return JSON.stringify(value, (_key, part: unknown) =>
    isObject(part) ? Object.fromEntries(Object.entries(part).sort(([a], [b]) => (a < b ? -1 : 1))) : part,
  );
}

export function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

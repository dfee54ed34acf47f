import { shorten, show } from '@gru4rec/checked-options';
import { Ajv, type ErrorObject } from 'ajv';
import type { FastifySchemaCompiler } from 'fastify';
import { Problem } from './problem.ts';
import { ID, ITEM_ID } from './schema-parts.ts';

/** A JSON schema, as far as requests need one. */
interface Schema {
  readonly type?: string;
  readonly format?: string;
  readonly minimum?: number;
  readonly maximum?: number;
  readonly minLength?: number;
  readonly maxLength?: number;
  readonly maxItems?: number;
  readonly maxProperties?: number;
  readonly items?: Schema;
  readonly anyOf?: readonly Schema[];
  readonly properties?: Readonly<Record<string, Schema>>;
  readonly additionalProperties?: Schema | false;
}

/** Compiles the schemas of requests. Paths and queries, which are text, are converted; in bodies, only item ids. */
export function schemaCompiler(): FastifySchemaCompiler<Schema> {
  const formats = { [ID]: isWellFormed, [ITEM_ID]: isWellFormed };
  const ajv = new Ajv({ verbose: true, useDefaults: true, formats });
  return ({ schema, httpPart }) => {
    const validate = ajv.compile(schema);
    if (httpPart === 'body')
      return (data) => validate(withTextIds(schema, data)) || { error: validate.errors ?? [] };
    return (data: Record<string, unknown>) => {
      for (const [name, value] of Object.entries(data))
        data[name] = convert(value, schema.properties?.[name]);
      return validate(data) || { error: validate.errors ?? [] };
    };
  };
}

/** Whether a text has no unpaired surrogates. */
function isWellFormed(text: string): boolean {
  return !/\p{Surrogate}/u.test(text);
}

/** Replaces item ids that are whole numbers by text, in place. @returns the data, or the text if it is an id itself. */
function withTextIds(schema: Schema, data: unknown): unknown {
  if (schema.format === ITEM_ID) return Number.isSafeInteger(data) ? String(data) : data;
  if (schema.anyOf) return schema.anyOf.reduce((found, one) => withTextIds(one, found), data);
  if (typeof data !== 'object' || data === null) return data;
  const parts = data as Record<string, unknown>;
  for (const name of Object.keys(data)) {
    const part = schema.items ?? schema.properties?.[name];
    if (part) parts[name] = withTextIds(part, parts[name]);
  }
  return data;
}

/** The value that a text stands for; the text itself if it is none of the type. */
function convert(value: unknown, { type }: Schema = {}): unknown {
  if (type === 'array') return Array.isArray(value) ? value : [value];
  if (typeof value !== 'string') return value;
  if (type === 'integer' && /^-?\d+$/.test(value)) return Number(value);
  return type === 'boolean' && /^(true|false)$/.test(value) ? value === 'true' : value;
}

/** The error of a request that does not fit its schema, worded as on the command line. */
export function validationProblem(errors: readonly ErrorObject[], part: string): Problem {
  const error = ofItsKind(errors) ?? errors[0];
  return new Problem(400, error ? describe(error, part) : `The ${part} is not valid`);
}

/** Of a value that may be of several kinds, what is wrong for its own kind, if it is of one. */
function ofItsKind(errors: readonly ErrorObject[]): ErrorObject | undefined {
  const any = errors.find(({ keyword }) => keyword === 'anyOf');
  if (!any) return undefined;
  return errors.find(
    (error) => error !== any && (error.keyword !== 'type' || error.instancePath !== any.instancePath),
  );
}

function describe(error: ErrorObject, part: string): string {
  const schema = error.parentSchema as Schema;
  const name = nameOf(error.instancePath);
  if (error.keyword === 'required') {
    const missing = String(error.params['missingProperty']);
    const of = schema.properties?.[missing];
    return `"${join(name, missing)}" expected ${of ? expected(of) : 'a value'}, got none`;
  }
  if (error.keyword === 'additionalProperties') {
    const known = Object.keys(schema.properties ?? {}).join(', ');
    const extra = shorten(join(name, String(error.params['additionalProperty'])));
    return `"${extra}" is unknown; the names in the ${name === '' ? part : name} are ${known}`;
  }
  const what =
    name === '' ? `The ${part}` : `${'propertyName' in error ? 'A name in ' : ''}"${shorten(name)}"`;
  if (error.keyword === 'format')
    return `${what} expected Unicode, got a lone surrogate in ${show(error.data)}`;
  return `${what} expected ${expected(schema)}, got ${found(error.data, error.keyword)}`;
}

/** `/items/3` is `items[3]`. */
function nameOf(instancePath: string): string {
  return instancePath
    .split('/')
    .slice(1)
    .map((step) => step.replaceAll('~1', '/').replaceAll('~0', '~'))
    .reduce((name, step) => (/^\d+$/.test(step) ? `${name}[${step}]` : join(name, step)), '');
}

function join(name: string, step: string): string {
  return name === '' ? step : `${name}.${step}`;
}

function expected(schema: Schema): string {
  const { type, minimum, maximum, minLength = 0, maxLength, maxItems, maxProperties, items } = schema;
  if (type === 'integer' || type === 'number') {
    const kind = type === 'integer' ? 'an integer' : 'a number';
    if (minimum === undefined) return kind;
    return maximum === undefined ? `${kind} ≥ ${minimum}` : `${kind} from ${minimum} to ${maximum}`;
  }
  if (type === 'string')
    return maxLength === undefined ? 'a string' : `a string of ${minLength} to ${maxLength} characters`;
  if (type === 'array') {
    const list = items ? `a list of ${plural(items)}` : 'a list';
    return maxItems === undefined ? list : `${list}, at most ${maxItems}`;
  }
  if (type === 'boolean') return 'true or false';
  return maxProperties === undefined ? 'an object' : `an object of at most ${maxProperties} entries`;
}

function plural({ type, anyOf }: Schema): string {
  return `${type ?? anyOf?.[0]?.type ?? 'value'}s`;
}

function found(data: unknown, keyword: string): string {
  if (keyword === 'maxLength') return `${(data as string).length} characters`;
  if (keyword === 'maxItems') return String((data as unknown[]).length);
  if (keyword === 'maxProperties') return String(Object.keys(data as object).length);
  return show(data);
}

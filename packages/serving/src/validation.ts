import { shorten, show } from '@gru4rec/checked-options';
import { Ajv, type ErrorObject } from 'ajv';
import type { FastifySchemaCompiler } from 'fastify';
import { Problem } from './problem.ts';
import { ID, ITEM_ID } from './schema-parts.ts';

/** A JSON schema, as far as ids are looked for in it. */
interface Schema {
  readonly format?: string;
  readonly items?: Schema;
  readonly anyOf?: readonly Schema[];
  readonly properties?: Readonly<Record<string, Schema>>;
}

/** Compiles the schemas of requests. Paths and queries, which are text, are converted; in bodies, only item ids. */
export function schemaCompiler(): FastifySchemaCompiler<Schema> {
  const options = {
    verbose: true,
    useDefaults: true,
    formats: { [ID]: isWellFormed, [ITEM_ID]: isWellFormed },
  };
  const [bodies, texts] = [new Ajv(options), new Ajv({ ...options, coerceTypes: 'array' })];
  return ({ schema, httpPart }) => {
    if (httpPart !== 'body') return texts.compile(schema);
    const validate = bodies.compile(schema);
    return (data) => validate(withTextIds(schema, data)) || { error: validate.errors ?? [] };
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

/** The error of a request that does not fit its schema, in the words of the validator. */
export function validationProblem(errors: readonly ErrorObject[], part: string): Problem {
  const { keyword, instancePath, message, params, data } = (ofItsKind(errors) ?? errors[0]) as ErrorObject;
  const got = keyword === 'required' ? '' : `, got ${show(params['additionalProperty'] ?? data)}`;
  const rule = keyword === 'format' ? 'must be Unicode without lone surrogates' : message;
  return new Problem(400, `${part}${shorten(instancePath)} ${rule}${got}`);
}

/** Of a value that may be of several kinds, what is wrong for its own kind, if it is of one. */
function ofItsKind(errors: readonly ErrorObject[]): ErrorObject | undefined {
  const any = errors.find(({ keyword }) => keyword === 'anyOf');
  if (!any) return undefined;
  return errors.find(
    (error) => error !== any && (error.keyword !== 'type' || error.instancePath !== any.instancePath),
  );
}

import { shorten, show } from '@gru4rec/checks';
import { Ajv, type ErrorObject } from 'ajv';
import type { FastifySchemaCompiler } from 'fastify';
import { z } from 'zod';
import { Problem } from './problem.ts';

export const limits = {
  body: 1_048_576,
  id: 512,
  items: 10_000,
  n: 1000,
  where: 16_384,
  inFlight: 32,
} as const;

/** Format of ids and of values of clicks: no unpaired surrogates, which UTF-8 cannot write. */
const ID = 'id';
/** Format of item ids. In bodies they may be whole numbers, which are their digits, as in files. */
const ITEM_ID = 'item-id';

export const id = z.string().min(1).max(limits.id).meta({ format: ID });

export const itemId = z.string().min(1).max(limits.id).meta({ format: ITEM_ID });

export function jsonSchema(type: z.ZodType): object {
  return z.toJSONSchema(type, {
    io: 'input',
    target: 'openapi-3.0',
    override({ jsonSchema: made }) {
      if (made.minimum === Number.MIN_SAFE_INTEGER) delete made.minimum;
      if (made.maximum === Number.MAX_SAFE_INTEGER) delete made.maximum;
    },
  });
}

export function answers(type: z.ZodType): object {
  return { 200: jsonSchema(type), default: problem };
}

export const problem = {
  description: 'An error (RFC 9457)',
  content: {
    'application/problem+json': {
      schema: jsonSchema(
        z.object({
          type: z.string(),
          title: z.string(),
          status: z.int(),
          detail: z.string(),
        }),
      ),
    },
  },
} as const;

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
  const bodies = new Ajv(options);
  // Strict, no bound would apply to the infinite number that "1e999" is converted to.
  const texts = new Ajv({ ...options, coerceTypes: 'array', strictNumbers: false });
  return ({ schema, httpPart }) => {
    if (httpPart !== 'body') return texts.compile(schema);
    const validate = bodies.compile(schema);
    return (data) => validate(withTextIds(schema, data)) || { error: validate.errors ?? [] };
  };
}

function isWellFormed(text: string): boolean {
  return !/\p{Surrogate}/u.test(text);
}

/** In place. @returns the data, or the text if it is an id itself. */
function withTextIds(schema: Schema, data: unknown): unknown {
  if (schema.format === ITEM_ID) return Number.isSafeInteger(data) ? String(data) : data;
  if (schema.anyOf) return schema.anyOf.reduce((read, one) => withTextIds(one, read), data);
  if (typeof data !== 'object' || data === null) return data;
  const parts = data as Record<string, unknown>;
  for (const name of Object.keys(data)) {
    const part = schema.items ?? schema.properties?.[name];
    if (part) parts[name] = withTextIds(part, parts[name]);
  }
  return data;
}

export function validationProblem(errors: readonly ErrorObject[], part: string): Problem {
  const { keyword, instancePath, message, params, data } = (ofItsKind(errors) ?? errors[0]) as ErrorObject;
  const got = keyword === 'required' ? '' : `, got ${show(params['additionalProperty'] ?? data)}`;
  const rule = keyword === 'format' ? 'must be Unicode without lone surrogates' : message;
  return new Problem(400, `${part}${shorten(instancePath)} ${rule}${got}`);
}

function ofItsKind(errors: readonly ErrorObject[]): ErrorObject | undefined {
  const any = errors.find(({ keyword }) => keyword === 'anyOf');
  if (!any) return undefined;
  return errors.find(
    (error) => error !== any && (error.keyword !== 'type' || error.instancePath !== any.instancePath),
  );
}

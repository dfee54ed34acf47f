/** A JSON schema. */
export type Schema = Readonly<Record<string, unknown>>;

type Properties = Readonly<Record<string, Schema>>;

/** An object of an answer. */
export function object(properties: Properties): Schema {
  return { type: 'object', properties };
}

/** An object of a request, which has no other properties. @param required - names. */
export function closed(properties: Properties, ...required: readonly string[]): Schema {
  const ofType = { type: 'object', additionalProperties: false };
  return { ...ofType, ...(required.length > 0 && { required }), properties };
}

/** A list. */
export function list(items: Schema, description?: string): Schema {
  return { type: 'array', items, ...(description !== undefined && { description }) };
}

/** A text without bounds. */
export const text: Schema = { type: 'string' };

/** Format of ids and of values of clicks: no unpaired surrogates, which UTF-8 cannot write. */
export const ID = 'id';

/** Format of item ids. In bodies they may be whole numbers, which are their digits, as in files. */
export const ITEM_ID = 'item-id';

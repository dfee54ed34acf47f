import { Field, Int32, Int64, List, Schema, Uint16, Utf8 } from 'apache-arrow';

const itemsType = new List(new Field('item', new Int32(), false));
export const contextType: List<Uint16> = new List(new Field('item', new Uint16(), false));
const timesType = new List(new Field('item', new Int64(), false));

/** One row per session: its id, its item indices and its times in milliseconds. */
const sessionSchema: Schema<SessionColumns> = new Schema([
  new Field('id', new Utf8(), false),
  new Field('items', itemsType, false),
  new Field('times', timesType, false),
]);

/**
 * `sessionSchema` with a list per context column, named `context.<column>`: 0 for an event without a value, else the index
 * of its value in the manifest, plus 1.
 */
export function sessionSchemaWith(columns: readonly { readonly name: string }[]): Schema<SessionColumns> {
  const lists: Field[] = columns.map(({ name }) => new Field(contextField(name), contextType, false));
  return new Schema([...sessionSchema.fields, ...lists]) as Schema<SessionColumns>;
}

export function contextField(column: string): string {
  return `context.${column}`;
}

/** One row per item, in order of item index: its id and its support. */
export const itemSchema: Schema<ItemColumns> = new Schema([
  new Field('id', new Utf8(), false),
  new Field('support', new Int32(), false),
]);

export type SessionColumns = { id: Utf8; items: List<Int32>; times: List<Int64> };
export type ItemColumns = { id: Utf8; support: Int32 };

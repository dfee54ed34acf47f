import { show, showNames } from '@gru4rec/checks';
import { cellOf, numberOf, valuesOf } from './item-cells.ts';
import type { ItemInfo } from './items-file.ts';

/** What rules take the values of a column for: numbers or truth values if all cells are, else texts, several with `|` between. */
export type RuleKind = 'text' | 'number' | 'boolean';

type Value = string | number | boolean;

/** What a rule expects of a column: a value, one of several, or what the conditions say together. */
export type ColumnRule =
  | Value
  | readonly Value[]
  | {
      readonly not?: Value | readonly Value[];
      readonly lt?: number;
      readonly lte?: number;
      readonly gt?: number;
      readonly gte?: number;
      /** A value of the item that the list starts from; all items without such an item, or if it has none. */
      readonly same?: true;
    };

/** A rule about items, by column of the items file. An item without a value only has what `not` names not. */
export type Where = Readonly<Record<string, ColumnRule>>;

/** The columns of an items file that rules may name, and their kinds. */
export class RuleColumns {
  readonly #kinds = new Map<string, RuleKind | undefined>();

  /** Takes the columns of a further item into account. */
  add(info: ItemInfo): void {
    for (const name of Object.keys(info.fields)) {
      const before = this.#kinds.get(name);
      if (before === 'text') continue;
      const cell = cellOf(info, name);
      const kind = cell === '' ? before : kindOf(cell);
      this.#kinds.set(name, before && kind !== before ? 'text' : kind);
    }
  }

  /** In the order in which they first occur. */
  get names(): string[] {
    return [...this.#kinds.keys()];
  }

  /** @returns undefined for an unknown column; a column without a value has texts. */
  kindOf(name: string): RuleKind | undefined {
    return this.#kinds.has(name) ? (this.#kinds.get(name) ?? 'text') : undefined;
  }
}

function kindOf(cell: string): RuleKind {
  if (cell === 'true' || cell === 'false') return 'boolean';
  return Number.isNaN(numberOf(cell)) ? 'text' : 'number';
}

type Bound = 'lt' | 'lte' | 'gt' | 'gte';

const bounds: Readonly<Record<Bound, (value: number, bound: number) => boolean>> = {
  lt: (value, bound) => value < bound,
  lte: (value, bound) => value <= bound,
  gt: (value, bound) => value > bound,
  gte: (value, bound) => value >= bound,
};

/** A rule about one column, checked. Equal conditions have equal JSON. */
export interface Condition {
  readonly column: string;
  readonly kind: RuleKind;
  readonly any?: readonly string[];
  readonly none?: readonly string[];
  readonly same?: true;
  readonly bounds?: readonly (readonly [Bound, number])[];
}

/** @throws RangeError for a column that there is not, or another type, naming what is expected. */
export function parseWhere(where: unknown, columns: RuleColumns): Condition[] {
  if (typeof where !== 'object' || where === null || Array.isArray(where)) {
    throw new RangeError(`"where" expected an object of rules by column, got ${show(where)}`);
  }
  if (columns.names.length === 0)
    throw new RangeError('"where" expected an items file with columns, got none');
  return Object.entries(where).map(([column, rule]) => {
    const kind = columns.kindOf(column);
    if (kind === undefined)
      throw new RangeError(`"where" expected columns of ${showNames(columns.names)}, got ${show(column)}`);
    return conditionOf(column, kind, rule);
  });
}

function conditionOf(column: string, kind: RuleKind, rule: unknown): Condition {
  const known: { [Key in keyof Condition]?: Condition[Key] } = {};
  if (typeof rule !== 'object' || rule === null || Array.isArray(rule)) {
    return { column, kind, any: textsOf(column, kind, rule) };
  }
  const made: [Bound, number][] = [];
  for (const [name, value] of Object.entries(rule).sort()) {
    if (name === 'not') Object.assign(known, { none: textsOf(`${column}.not`, kind, value) });
    else if (name === 'same' && value === true) Object.assign(known, { same: true });
    else if (Object.hasOwn(bounds, name) && kind === 'number' && Number.isFinite(value))
      made.push([name as Bound, value]);
    else throw wrongRule(`${column}.${name}`, kind, value);
  }
  return { column, kind, ...known, ...(made.length > 0 && { bounds: made }) };
}

function wrongRule(place: string, kind: RuleKind, got: unknown): RangeError {
  const forms =
    kind === 'number'
      ? '{"not": …}, {"same": true}, {"lt", "lte", "gt" or "gte": number}'
      : '{"not": …}, {"same": true}';
  const value = { text: 'a text', number: 'a number', boolean: 'true or false' }[kind];
  return new RangeError(`"where.${place}" expected ${value}, a list of these, ${forms}, got ${show(got)}`);
}

function textsOf(place: string, kind: RuleKind, rule: unknown): string[] {
  const values: unknown[] = [rule].flat();
  const fits = (value: unknown) => typeof value === (kind === 'text' ? 'string' : kind);
  // A text is looked for as it is written, so that a code may be a number.
  const isText = (value: unknown) => fits(value) || (kind === 'text' && typeof value === 'number');
  const wrong = values.find((value) => !isText(value));
  if (wrong !== undefined) throw wrongRule(place, kind, wrong);
  return [...new Set(values.map((value) => String(value).trim()))].sort();
}

/** The condition with the values of the item that a list starts from. @returns undefined if it allows all items. */
export function startingFrom(condition: Condition, info: ItemInfo | undefined): Condition | undefined {
  const { same, any, ...others } = condition;
  if (!same) return condition;
  const values = info ? cellValues(condition.kind, cellOf(info, condition.column)) : [];
  const isRule = others.none || others.bounds;
  if (values.length === 0) return isRule ? others : undefined;
  return { ...others, any: values.sort() };
}

function cellValues(kind: RuleKind, cell: string): string[] {
  return kind === 'number' && cell !== '' ? [String(numberOf(cell))] : valuesOf(cell);
}

/** Whether a cell of its column meets a condition that `startingFrom` made. */
export function meets({ kind, any, none, bounds: limits = [] }: Condition, cell: string): boolean {
  const values = cellValues(kind, cell);
  if (values.length === 0) return !any && limits.length === 0;
  if (any && !values.some((value) => any.includes(value))) return false;
  if (none && values.some((value) => none.includes(value))) return false;
  return limits.every(([name, bound]) => bounds[name](Number(values[0]), bound));
}

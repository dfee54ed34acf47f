import { z } from 'zod';
import type { FeatureKind } from './item-columns.ts';
import { numberOf, valuesOf, wordsOf } from './item-values.ts';

/** A column of values or words as JSON. */
interface NamedFeatures {
  readonly name: string;
  readonly kind: 'values' | 'words';
  /** Each is a feature. */
  readonly values: readonly string[];
  /** Whether there is one more feature, for all other values. */
  readonly rare: boolean;
}

/** A column of numbers as JSON. */
interface NumberRanges {
  readonly name: string;
  readonly kind: 'numbers';
  /** Ascending; a cut is the first number of a range. */
  readonly cuts: readonly number[];
}

/** A column of a vocabulary as JSON. */
export type ColumnJson = NamedFeatures | NumberRanges;

export const columnSchema: z.ZodType<ColumnJson> = z.discriminatedUnion('kind', [
  z.strictObject({
    name: z.string().min(1),
    kind: z.enum(['values', 'words']),
    values: z.array(z.string().min(1)),
    rare: z.boolean(),
  }),
  z.strictObject({ name: z.string().min(1), kind: z.literal('numbers'), cuts: z.array(z.number()) }),
]);

/** Most features of an item in one column: a description has hundreds of words. */
const MOST_PER_COLUMN = 32;

/** The features of one column: `first` to `first + size − 1`. */
export class FeatureColumn {
  readonly first: number;
  readonly size: number;
  readonly json: ColumnJson;
  readonly #indexOf: ReadonlyMap<string, number>;
  /** What values without a feature of their own are; −1 if they are left out. */
  readonly #other: number;

  constructor(json: ColumnJson, first: number) {
    this.json = json;
    this.first = first;
    const values = json.kind === 'numbers' ? [] : json.values;
    this.#indexOf = new Map(values.map((value, at) => [value, first + at]));
    this.#other = json.kind !== 'numbers' && json.rare ? first + values.length : -1;
    this.size = json.kind === 'numbers' ? json.cuts.length + 1 : values.length + (json.rare ? 1 : 0);
  }

  /** The column of the items file. */
  get name(): string {
    return this.json.name;
  }

  /** What its cells are taken for. */
  get kind(): FeatureKind {
    return this.json.kind;
  }

  /** The distinct features of a cell, ascending: frequent values first. */
  encode(cell: string): number[] {
    const { json } = this;
    if (json.kind === 'numbers') {
      const value = numberOf(cell);
      if (Number.isNaN(value)) return [];
      const above = json.cuts.findIndex((cut) => value < cut);
      return [this.first + (above < 0 ? json.cuts.length : above)];
    }
    const features = new Set(this.#partsOf(cell).map((part) => this.#indexOf.get(part) ?? this.#other));
    features.delete(-1);
    return [...features].sort((a, b) => a - b).slice(0, MOST_PER_COLUMN);
  }

  /** The values or words of a cell without a feature of their own; of numbers, a cell that is none. */
  unknown(cell: string): string[] {
    if (this.json.kind !== 'numbers') return this.#partsOf(cell).filter((part) => !this.#indexOf.has(part));
    return cell === '' || this.encode(cell).length > 0 ? [] : [cell];
  }

  /** Such as `brand=Nike`, `brand=(rare)`, `3≤price<12.5`. */
  nameOf(feature: number): string {
    const { json } = this;
    const at = feature - this.first;
    if (json.kind !== 'numbers') return `${json.name}=${json.values[at] ?? '(rare)'}`;
    const [from, to] = [json.cuts[at - 1], json.cuts[at]];
    if (from === undefined) return to === undefined ? json.name : `${json.name}<${to}`;
    return to === undefined ? `${json.name}≥${from}` : `${from}≤${json.name}<${to}`;
  }

  #partsOf(cell: string): string[] {
    return this.json.kind === 'words' ? wordsOf(cell) : valuesOf(cell);
  }
}

import { show, showNames } from '@gru4rec/checks';
import type { StepGraph, Tensor } from '@gru4rec/program';

// Dimensions: F features, K features per click, E columns of the input rows.

/** The table [F, E] of the rows of features of clicks, which are added to the input rows. */
export const CLICK_TABLE = 'clicks.E';

/** Numbers of the features of clicks. */
export interface ClickShape {
  readonly count: number;
  /** K: one per column. */
  readonly perClick: number;
}

export interface StepClicks extends ClickShape {
  /** i32 [B·K, 1]: the features of each slot's click; −1 is none. */
  readonly indices: Tensor;
}

/** Input rows of clicks: rows of items + Σ rows of the click's features. */
export function withClickRows(b: StepGraph, rows: Tensor, clicks: StepClicks): Tensor {
  return b.addRows(rows, b.variable(CLICK_TABLE, 'table', clicks.count, rows.cols), clicks.indices);
}

/** A column of clicks, and its values that are features, in their order. */
export interface ClickColumn {
  readonly name: string;
  readonly values: readonly string[];
  /** Whether it has the types of the clicks; of one column at most. */
  readonly isType?: boolean | undefined;
}

/** Which values of clicks are features: those of the columns, numbered one column after the other. */
export interface ClickVocabulary {
  readonly columns: readonly ClickColumn[];
}

/** The numbers of features that a vocabulary has. */
export function clickShape({ columns }: ClickVocabulary): ClickShape {
  return { count: columns.reduce((sum, { values }) => sum + values.length, 0), perClick: columns.length };
}

/** What is known of a click besides its item: values by column, such as `{ type: 'cart' }`. */
export type ClickContext = Readonly<Record<string, string | undefined>>;

/** Finds the features of clicks, given as values. */
export class ClickEncoder {
  readonly vocabulary: ClickVocabulary;
  readonly #columns: readonly {
    readonly name: string;
    readonly isType: boolean;
    readonly index: ReadonlyMap<string, number>;
  }[];

  constructor(vocabulary: ClickVocabulary) {
    let first = 0;
    this.vocabulary = vocabulary;
    this.#columns = vocabulary.columns.map(({ name, values, isType = false }) => {
      const index = new Map(values.map((value, at) => [value, first + at]));
      first += values.length;
      return { name, isType, index };
    });
  }

  /** K, the features of a click. */
  get perClick(): number {
    return this.#columns.length;
  }

  /** Name of the column of types; undefined without one. */
  get typeColumn(): string | undefined {
    return this.#columns.find(({ isType }) => isType)?.name;
  }

  /**
   * The features of a click [K] (fresh): −1 for a column without a value, or with one that is no feature. Other columns
   * of `values` are ignored; `type` is as in `typeOfClick`.
   */
  encode(values: ClickContext, type?: string): Int32Array {
    return Int32Array.from(this.#columns, (column) => {
      const value = valueIn(column, values, type);
      return value === undefined ? -1 : (column.index.get(value) ?? -1);
    });
  }

  /** The values of a click that are no features, such as `type=rate`, by the names of their columns. */
  unknownOf(values: ClickContext, type?: string): string[] {
    return this.#columns.flatMap((column) => {
      const value = valueIn(column, values, type);
      return value === undefined || column.index.has(value) ? [] : [`${column.name}=${value}`];
    });
  }

  /**
   * Gives what translates contexts [events × columns] of these columns into features [events × K] (fresh).
   * @throws RangeError naming a column of the vocabulary that is not among `columns`.
   */
  translator(columns: readonly ClickColumn[]): (context: Int32Array) => Int32Array {
    const found = this.#columns.map(({ name, index }) => {
      const from = columns.findIndex((column) => column.name === name);
      const values = columns[from]?.values;
      if (!values) {
        const names = showNames(columns.map((column) => show(column.name))) || 'none';
        throw new RangeError(
          `clickFeatures: expected clicks with the column ${JSON.stringify(name)}, got ${names}. ` +
            'Prepare the dataset with its column of event types or context',
        );
      }
      return { from, features: Int32Array.from(values, (value) => index.get(value) ?? -1) };
    });
    return (context) => {
      const events = columns.length === 0 ? 0 : context.length / columns.length;
      const translated = new Int32Array(events * found.length).fill(-1);
      for (const [at, { from, features }] of found.entries()) {
        for (let event = 0; event < events; event++) {
          const value = context[event * columns.length + from] ?? -1;
          if (value >= 0) translated[event * found.length + at] = features[value] ?? -1;
        }
      }
      return translated;
    };
  }
}

/** The type of a click: its value in `column`, the column of types, else `type`, else its value named `type`. */
export function typeOfClick(
  column: string | undefined,
  values: ClickContext = {},
  type?: string,
): string | undefined {
  return (column === undefined ? undefined : ownValue(values, column)) ?? type ?? ownValue(values, 'type');
}

function valueIn(
  { name, isType }: Pick<ClickColumn, 'name' | 'isType'>,
  values: ClickContext,
  type: string | undefined,
): string | undefined {
  return isType ? typeOfClick(name, values, type) : ownValue(values, name);
}

function ownValue(values: ClickContext, name: string): string | undefined {
  return Object.hasOwn(values, name) ? values[name] : undefined;
}

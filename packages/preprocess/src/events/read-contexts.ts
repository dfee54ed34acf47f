import { type ContextColumn, DataError, MOST_CONTEXT_VALUES, OTHER_VALUES } from '@gru4rec/dataset';
import type { Backend } from '../backends/backend.ts';
import { arrayOf, textsOf } from '../backends/duckdb/chunk-values.ts';
import { type Contexts, keptColumns } from '../input/columns.ts';
import type { CheckedOptions } from '../options.ts';
import { nameFrom } from './sql-output.ts';

/** Between the values of an event's columns: a control character that logs do not have. */
const SEPARATOR = '\u001f';
/** A column with more distinct values is refused before they are counted. */
const MOST_COUNTED = 100_000;

/** Creates table `contexts`: `name`, the values of the kept columns as one text, `number` from 0, and `events`. */
export async function readContexts(db: Backend, options: CheckedOptions): Promise<Contexts | undefined> {
  const names = keptColumns(options);
  if (names.length === 0) return undefined;
  await db.createTable(
    'contexts',
    `SELECT name, events, CAST(row_number() OVER (ORDER BY name) - 1 AS INTEGER) AS number
     FROM (SELECT context AS name, CAST(count(*) AS DOUBLE) AS events FROM judged
       WHERE problem IS NULL AND is_kept GROUP BY context)`,
  );
  const file = options.inputs[0] ?? '';
  const counted = names.map((name) => new ValueCounter(name, file));
  const numbers: number[] = [];
  for await (const chunk of db.chunks(`SELECT ${nameFrom(db)}, events FROM contexts ORDER BY number`)) {
    const events = arrayOf(chunk, 1, Float64Array);
    const texts = textsOf(chunk, 0);
    for (const [row, text] of texts.entries()) {
      const values = text.split(SEPARATOR);
      for (const [column, counter] of counted.entries()) {
        numbers.push(counter.add(values[column] ?? '', events[row] ?? 0));
      }
    }
  }
  const kept = counted.map((counter) => counter.kept());
  const values = Int32Array.from(numbers, (number, at) =>
    number < 0 ? -1 : (kept[at % names.length]?.index[number] ?? -1),
  );
  const columns = kept.map(({ column }) =>
    column.name === options.eventColumn ? { ...column, isType: true as const } : column,
  );
  return { columns, values };
}

/** Numbers distinct values as they come. */
class ValueCounter {
  readonly #name: string;
  readonly #file: string;
  readonly #numbers = new Map<string, number>();
  readonly #events: number[] = [];

  constructor(name: string, file: string) {
    this.#name = name;
    this.#file = file;
  }

  /** −1 for the empty text. */
  add(value: string, events: number): number {
    if (value === '') return -1;
    let number = this.#numbers.get(value);
    if (number === undefined) {
      number = this.#numbers.size;
      if (number === MOST_COUNTED) throw this.#tooMany(`more than ${MOST_COUNTED} distinct ones`);
      this.#numbers.set(value, number);
      this.#events.push(0);
    }
    this.#events[number] = (this.#events[number] ?? 0) + events;
    return number;
  }

  /**
   * Most frequent first; beyond the most that are kept, the rarest are folded into one. @returns also the index of
   * each value by its number.
   */
  kept(): { readonly column: ContextColumn; readonly index: Int32Array } {
    const texts = [...this.#numbers.keys()];
    const eventsOf = (number: number): number => this.#events[number] ?? 0;
    const isBefore = (a: number, b: number): number => ((texts[a] ?? '') < (texts[b] ?? '') ? -1 : 1);
    const order = texts.map((_, number) => number);
    order.sort((a, b) => eventsOf(b) - eventsOf(a) || isBefore(a, b));
    const isFolded = order.length > MOST_CONTEXT_VALUES;
    const most = isFolded ? MOST_CONTEXT_VALUES - 1 : order.length;
    const index = new Int32Array(texts.length).fill(most);
    for (const [at, number] of order.slice(0, most).entries()) index[number] = at;
    const values = order.slice(0, most).map((number) => texts[number] ?? '');
    const sum = (numbers: readonly number[]): number => numbers.reduce((all, one) => all + eventsOf(one), 0);
    if (2 * sum(order.slice(most)) > sum(order)) throw this.#tooMany(`${order.length} distinct ones`);
    return { column: { name: this.#name, values: isFolded ? [...values, OTHER_VALUES] : values }, index };
  }

  #tooMany(got: string): DataError {
    const message =
      `prepare: column "${this.#name}" expected ${MOST_CONTEXT_VALUES} values in at least half of the rows that have one, got ${got}, at ${this.#file}. ` +
      'An id says nothing of other clicks: leave the column out, or group its values.';
    return new DataError(message, { file: this.#file, column: this.#name });
  }
}

import type { QuantizedTable } from './quantized-table.ts';

/** Which int8 copies have the present values of their tables, and how many answers did without one. */
export class TableCopies {
  readonly #copies: ReadonlyMap<string, QuantizedTable>;
  readonly #screenAfter: number;
  readonly #current = new Set<QuantizedTable>();
  /** Answers that scored all items since the table last changed. */
  readonly #unscreened = new Map<QuantizedTable, number>();

  /**
   * @param copies - all copies of a runtime. Read only, kept.
   * @param screenAfter - number of answers after a change that are not screened.
   */
  constructor(copies: ReadonlyMap<string, QuantizedTable>, screenAfter: number) {
    this.#copies = copies;
    this.#screenAfter = screenAfter;
  }

  areCurrent(copies: ReadonlySet<QuantizedTable>): boolean {
    for (const copy of copies) if (!this.#current.has(copy)) return false;
    return true;
  }

  /** Counts an answer. @returns whether it should do without copies, because filling them does not pay yet. */
  skip(copies: ReadonlySet<QuantizedTable>): boolean {
    let early = true;
    for (const copy of copies) {
      const answers = (this.#unscreened.get(copy) ?? 0) + 1;
      this.#unscreened.set(copy, answers);
      early &&= answers <= this.#screenAfter;
    }
    return early;
  }

  /** Takes note of a step that filled `copies`, and then changed variables. */
  update(copies: ReadonlySet<QuantizedTable>, changes: ReadonlySet<string>): void {
    for (const copy of copies) this.#current.add(copy);
    if (changes.size > 0) this.expire((variable) => changes.has(variable));
  }

  /** Takes note of changed variables. */
  expire(isChanged: (variable: string) => boolean): void {
    for (const copy of this.#copies.values()) {
      if (!isChanged(copy.names.table) && !isChanged(copy.names.bias)) continue;
      this.#current.delete(copy);
      this.#unscreened.delete(copy);
    }
  }
}

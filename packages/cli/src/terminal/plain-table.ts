import { type Cell, terminalTable } from '@gru4rec/report/table';

/** A table for a terminal. @param left - places of the columns that are aligned to the left. */
export function plainTable(
  head: readonly string[],
  rows: readonly (readonly Cell[])[],
  left: readonly number[] = [0],
): string {
  const align = (at: number) => (left.includes(at) ? 'left' : 'right');
  return terminalTable({ columns: head.map((text, at) => ({ head: text, align: align(at) })), rows });
}

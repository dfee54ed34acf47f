import Table from 'cli-table3';

/**
 * A table for a terminal, without colours and without lines between rows.
 *
 * @param left - places of the columns that are aligned to the left; the others are aligned to the right.
 */
export function plainTable(
  head: readonly string[],
  rows: readonly (readonly (string | number)[])[],
  left: readonly number[] = [0],
): string {
  const table = new Table({
    head: [...head],
    colAligns: head.map((_, column) => (left.includes(column) ? 'left' : 'right')),
    style: { head: [], border: [], compact: true },
  });
  table.push(...rows.map((row) => [...row]));
  return table.toString();
}

import { type ComparisonReport, formatComparison } from '@gru4rec/report';
import { type Cell, terminalTable } from '@gru4rec/report/table';
import type { Output } from './terminal.ts';

/** A table for a terminal. @param left - places of the columns that are aligned to the left. */
export function plainTable(
  head: readonly string[],
  rows: readonly (readonly Cell[])[],
  left: readonly number[] = [0],
): string {
  const align = (at: number) => (left.includes(at) ? 'left' : 'right');
  return terminalTable({ columns: head.map((text, at) => ({ head: text, align: align(at) })), rows });
}

const LEAST_COLUMNS = 40;

export function writeComparison(stdout: Output, report: ComparisonReport): void {
  stdout.write(`${formatComparison(report, { columns: Math.max(LEAST_COLUMNS, stdout.columns || 120) })}\n`);
}

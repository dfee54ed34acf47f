import { type ComparisonReport, formatComparison } from '@gru4rec/report';
import type { Output } from './terminal.ts';

const LEAST_COLUMNS = 40;

/** Writes a comparison in the width of the terminal, or in 120 columns, because pipes and some terminals have no width. */
export function writeComparison(stdout: Output, report: ComparisonReport): void {
  stdout.write(`${formatComparison(report, { columns: Math.max(LEAST_COLUMNS, stdout.columns || 120) })}\n`);
}

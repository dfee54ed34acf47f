import type { SerializedError } from 'vitest';
import type { Reporter, TestModule } from 'vitest/node';
import { countResults, formatCounts } from './count-results.ts';

/** Ends a run with one plain line that scripts can read. It must be the last reporter. */
export class SummaryReporter implements Reporter {
  onTestRunEnd(modules: readonly TestModule[], unhandledErrors: readonly SerializedError[]): void {
    const counts = countResults(modules, unhandledErrors);
    // Setup may have failed before any test. A run that exits with 1 must never report "0 failed".
    if (counts.failed === 0 && process.exitCode) counts.failed = 1;
    process.stdout.write(`${formatCounts(counts).join('\n')}\n`);
  }
}

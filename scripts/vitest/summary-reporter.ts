import type { SerializedError } from 'vitest';
import type { Reporter, TestModule } from 'vitest/node';
import { countResults, formatCounts } from './count-results.ts';

/** Ends a run with one plain line that scripts can read; give it last. */
export class SummaryReporter implements Reporter {
  onTestRunEnd(modules: readonly TestModule[], unhandledErrors: readonly SerializedError[]): void {
    const counts = countResults(modules, unhandledErrors);
    // The set-up may have failed before any test: a run that exits with 1 never says "0 failed".
    if (counts.failed === 0 && process.exitCode) counts.failed = 1;
    process.stdout.write(`${formatCounts(counts).join('\n')}\n`);
  }
}

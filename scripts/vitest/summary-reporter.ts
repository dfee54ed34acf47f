import type { SerializedError } from 'vitest';
import type { Reporter, TestModule } from 'vitest/node';

/** Ends a run with one plain line that scripts can read. It must be the last reporter. */
export class SummaryReporter implements Reporter {
  onTestRunEnd(modules: readonly TestModule[], unhandledErrors: readonly SerializedError[]): void {
    process.stdout.write(`${summaryOf(modules, unhandledErrors, Boolean(process.exitCode)).join('\n')}\n`);
  }
}

/**
 * The skipped tests by name, then `N passed, N failed` with `, N skipped` when any. A failure outside a test (a file that does
 * not load, a hook of a suite, an unhandled rejection) counts as one failed test, so that no failure is missing from the sum.
 *
 * @param hasFailed - whether the run exits with an error: setup may have failed before any test.
 */
export function summaryOf(
  modules: readonly TestModule[],
  unhandledErrors: readonly unknown[],
  hasFailed: boolean,
): string[] {
  let [passed, failed] = [0, unhandledErrors.length];
  const skipped: string[] = [];
  for (const module of modules) {
    failed += module.errors().length;
    for (const suite of module.children.allSuites()) failed += suite.errors().length;
    for (const test of module.children.allTests()) {
      const result = test.result();
      if (result.state === 'passed') passed++;
      else if (result.state === 'failed') failed++;
      else {
        const note = result.state === 'skipped' ? result.note : 'the run ended before it';
        skipped.push(`  ${module.relativeModuleId} > ${test.fullName}: ${note ?? 'no reason given'}`);
      }
    }
  }
  if (failed === 0 && hasFailed) failed = 1;
  const total = `${passed} passed, ${failed} failed`;
  return skipped.length === 0 ? [total] : ['Skipped:', ...skipped, '', `${total}, ${skipped.length} skipped`];
}

/** The part of a Vitest test case that a count needs. */
export interface CountedTest {
  readonly fullName: string;
  result(): { readonly state: string; readonly note?: string | undefined };
}

/** The part of a Vitest test file that a count needs. */
export interface CountedModule {
  readonly children: {
    allTests(): Iterable<CountedTest>;
    allSuites(): Iterable<{ errors(): readonly unknown[] }>;
  };
  readonly relativeModuleId: string;
  errors(): readonly unknown[];
}

/** A test that did not run. */
export interface SkippedTest {
  readonly name: string;
  readonly reason: string | undefined;
}

/** The result of a test run. */
export interface Counts {
  passed: number;
  failed: number;
  skipped: SkippedTest[];
}

/**
 * Counts the tests of a run. A failure outside a test (a file that does not load, a hook of a suite, an unhandled
 * rejection) counts as one failed test, so that no failure is missing from the sum.
 */
export function countResults(modules: readonly CountedModule[], unhandledErrors: readonly unknown[]): Counts {
  const counts: Counts = { passed: 0, failed: unhandledErrors.length, skipped: [] };
  for (const module of modules) {
    counts.failed += module.errors().length;
    for (const suite of module.children.allSuites()) counts.failed += suite.errors().length;
    for (const test of module.children.allTests()) countTest(counts, module.relativeModuleId, test);
  }
  return counts;
}

function countTest(counts: Counts, file: string, test: CountedTest): void {
  const { state, note } = test.result();
  if (state === 'passed') counts.passed++;
  else if (state === 'failed') counts.failed++;
  else counts.skipped.push({ name: `${file} > ${test.fullName}`, reason: note ?? notRunReason(state) });
}

function notRunReason(state: string): string | undefined {
  return state === 'pending' ? 'the run ended before it' : undefined;
}

/** Writes counts as lines: the skipped tests by name, then `N passed, N failed` with `, N skipped` when any. */
export function formatCounts({ passed, failed, skipped }: Counts): string[] {
  const total = `${passed} passed, ${failed} failed`;
  if (skipped.length === 0) return [total];
  const names = skipped.map(({ name, reason }) => `  ${name}: ${reason ?? 'no reason given'}`);
  return ['Skipped:', ...names, '', `${total}, ${skipped.length} skipped`];
}

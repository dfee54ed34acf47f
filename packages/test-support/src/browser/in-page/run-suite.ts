import { startTests, type Task, type VitestRunner } from '@vitest/runner';

/** The outcome of a test, or of a suite that failed by itself. */
export interface Outcome {
  /** The names of its suites and its own. */
  readonly name: string;
  readonly passed: boolean;
  /** Why it failed. */
  readonly message: string;
}

const config: VitestRunner['config'] = {
  root: '/',
  name: 'page',
  setupFiles: [],
  passWithNoTests: false,
  testNamePattern: undefined,
  allowOnly: false,
  sequence: { seed: 1, hooks: 'stack', setupFiles: 'list' },
  chaiConfig: undefined,
  maxConcurrency: 1,
  testTimeout: 60_000,
  hookTimeout: 60_000,
  retry: 0,
  includeTaskLocation: false,
  tags: [],
  tagsFilter: undefined,
  strictTags: false,
};

/**
 * Runs tests in a page or a worker with Vitest's runner; to be called once.
 *
 * @param register - calls `describe` and `it`.
 */
export async function runSuite(register: () => void): Promise<Outcome[]> {
  const [file] = await startTests(['suite'], { config, importFile: register });
  return file ? outcomesOf(file, []) : [];
}

function outcomesOf(task: Task, above: readonly string[]): Outcome[] {
  const path = task.type === 'suite' && 'filepath' in task ? [] : [...above, task.name];
  const errors = task.result?.errors ?? [];
  const passed = task.result?.state === 'pass';
  const own = { name: path.join(' › '), passed, message: errors.map(({ message }) => message).join('\n') };
  if (task.type === 'test') return [own];
  return [...task.tasks.flatMap((inner) => outcomesOf(inner, path)), ...(errors.length > 0 ? [own] : [])];
}

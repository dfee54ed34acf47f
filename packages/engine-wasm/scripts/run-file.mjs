// Runs one file of tests with Vitest's runner and without its server; test-on.mjs bundles it.
import { startTests } from '@vitest/runner';

const hour = 3_600_000;

/**
 * @param {import('@vitest/runner').Task} task
 * @param {readonly string[]} above - names of the suites around it
 * @returns {{ name: string, task: import('@vitest/runner').Task }[]} tests, and suites that failed by themselves
 */
function flatten(task, above = []) {
  const path = 'filepath' in task ? [] : [...above, task.name];
  const own = { name: path.join(' › ') || 'the file', task };
  if (task.type === 'test') return [own];
  const tests = task.tasks.flatMap((inner) => flatten(inner, path));
  return task.result?.errors?.length ? [...tests, own] : tests;
}

/**
 * @param {() => Promise<unknown>} importFile - registers the tests
 * @param {string} name - regular expression; tests with other names are skipped
 */
export async function runFile(importFile, name) {
  const config = {
    ...{ root: '/', setupFiles: [], name: 'fast', passWithNoTests: false, testNamePattern: new RegExp(name) },
    sequence: { seed: 1, hooks: 'stack', setupFiles: 'list' },
    ...{ allowOnly: true, maxConcurrency: 1, testTimeout: hour, hookTimeout: hour, retry: 0 },
    ...{ includeTaskLocation: false, tags: [], tagsFilter: undefined, strictTags: false },
  };
  Object.assign(globalThis, { __vitest_worker__: { config, environment: { name: 'node' } } });
  const [file] = await startTests(['test'], /** @type {any} */ ({ config, importFile }));
  const tests = file ? flatten(file) : [];
  const counts = { pass: 0, fail: 0, skip: 0 };
  for (const { name: title, task } of tests) {
    const state = task.result?.state === 'pass' ? 'pass' : task.result?.state === 'fail' ? 'fail' : 'skip';
    counts[state]++;
    if (state === 'fail') console.log(`\nFAILED ${title}: ${task.result?.errors?.[0]?.message}`);
  }
  console.log(`${counts.pass} passed, ${counts.fail} failed, ${counts.skip} skipped (${process.arch})`);
  process.exit(counts.fail > 0 || counts.pass === 0 ? 1 : 0);
}

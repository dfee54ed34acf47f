import { existsSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { addToy, copyTree, runTests } from './copied-tree.ts';
import { metric } from './toys.ts';

// The recipe of a metric in ARCHITECTURE.md, "Where to add", in a copy of the tree. A test that pins the list of metrics, or
// what is printed of them, fails here. Long, since it runs the 70 files of fast tests that name recall or MRR: three minutes
// of processor time.

let tree = '';

beforeAll(() => {
  tree = copyTree();
  addToy(tree, metric);
  // The machine may be busy with other long tests.
  const config = join(tree, 'vitest.config.ts');
  const limits = 'testTimeout: 20_000';
  const text = readFileSync(config, 'utf8');
  expect(text).toContain(limits);
  writeFileSync(config, text.replace(limits, 'testTimeout: 300_000, hookTimeout: 300_000'));
}, 120_000);

afterAll(() => rmSync(tree, { recursive: true, force: true }), 120_000);

/** Fast tests that name recall or MRR, and those of readmes, whose documents name all metrics. */
function testsOfMetrics(): string[] {
  const folders = ['packages', 'apps']
    .flatMap((group) => readdirSync(join(tree, group)).map((name) => join(group, name, 'test')))
    .filter((folder) => existsSync(join(tree, folder)));
  return folders
    .flatMap((folder) =>
      readdirSync(join(tree, folder), { recursive: true, encoding: 'utf8' }).map((file) =>
        join(folder, file),
      ),
    )
    .filter((file) => file.endsWith('.test.ts') && !/\.(slow|long)\./.test(file))
    .filter((file) => /readme/.test(file) || /recall|mrr/i.test(readFileSync(join(tree, file), 'utf8')));
}

describe('a metric', () => {
  it('fails no fast test that names recall or MRR, once the published schemas and tables are written', async () => {
    const written = ['packages/cli/test/json-schemas.test.ts', 'packages/model/test/readme.test.ts'];
    await runTests(tree, '--project', 'fast', '--update=all', ...written);
    const files = testsOfMetrics();
    expect(files.length).toBeGreaterThan(50);
    const { numPassedTests, testResults } = await runTests(tree, '--project', 'fast', ...files);
    const failed = testResults.flatMap(({ name, status, assertionResults }) => [
      ...(status === 'failed' && assertionResults.length === 0 ? [name] : []),
      ...assertionResults.filter((test) => test.status === 'failed').map(({ fullName }) => fullName),
    ]);
    expect(failed).toEqual([]);
    expect(numPassedTests).toBeGreaterThan(500);
  }, 1_200_000);
});

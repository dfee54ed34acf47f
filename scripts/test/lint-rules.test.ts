import { spawnSync } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { expect, it, onTestFinished } from 'vitest';
import { repositoryRoot } from '../lib/repository.mjs';

/** `<file> <rule>` of every problem that Biome finds in files of a package, under our configuration. */
function problemsIn(files: Record<string, string>): string[] {
  const folder = mkdtempSync(join(tmpdir(), 'gru4rec-lint-'));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  for (const name of ['biome.jsonc', 'scripts/lint']) {
    cpSync(join(repositoryRoot, name), join(folder, name), { recursive: true });
  }
  for (const [name, text] of Object.entries(files)) {
    mkdirSync(dirname(join(folder, 'packages/a', name)), { recursive: true });
    writeFileSync(join(folder, 'packages/a', name), text);
  }
  const biome = join(repositoryRoot, 'node_modules/@biomejs/biome/bin/biome');
  const args = [biome, 'lint', '--colors=off', '--vcs-enabled=false', 'packages'];
  const { stderr } = spawnSync(process.execPath, args, { cwd: folder, encoding: 'utf8' });
  const found = stderr.matchAll(/^packages\/(\S+?):[\d:]+ (\S+) ━/gm);
  const nameOf = (path = ''): string => (path.startsWith('a/') ? path.slice(2) : `../${path}`);
  return [...found].map(([, path, rule]) => `${nameOf(path)} ${rule}`).sort();
}

const line = 'performance.now();\n';

const ofNode = "import { join } from 'node:path';\nexport const a = join(String(Buffer), process.arch);\n";
const withPrivate =
  'export class A {\n  private readonly one = 1;\n  two = this.one;\n  private constructor() {}\n}\n';
const mocking = "import { vi } from 'vitest';\nvi.doMock('./b.ts');\nvi.fn();\n";

it('the rules of biome.jsonc refuse what CONTRIBUTING.md says, and nothing beside it', () => {
  const files = {
    // Cycles, even if only types are imported.
    'src/chicken.ts': "import type { Egg } from './egg.ts';\nexport type Chicken = { from: Egg };\n",
    'src/egg.ts': "import type { Chicken } from './chicken.ts';\nexport type Egg = { of: Chicken };\n",
    // What only Node has, in packages that run in browsers; others, and files for Node, may use it.
    ...{ '../model/src/a.ts': ofNode, '../model/src/a.node.ts': ofNode, '../model/test/a.ts': ofNode },
    'src/of-node.ts': ofNode,
    // The modifier private, except on a constructor.
    ...{ 'src/private.ts': withPrivate, 'test/private.ts': withPrivate },
    // Mocks of modules, except in files of isolated and of slow tests.
    ...{ 'test/a.test.ts': mocking, 'test/a.isolated.test.ts': mocking, 'test/a.slow.test.ts': mocking },
    // Files of more than 600 lines.
    ...{
      'src/whole.ts': line.repeat(600),
      'scripts/more.ts': line.repeat(601),
      'test/more.ts': line.repeat(601),
    },
  };
  expect(problemsIn(files)).toEqual([
    '../model/src/a.ts lint/correctness/noNodejsModules',
    '../model/src/a.ts lint/style/noRestrictedGlobals',
    '../model/src/a.ts lint/style/noRestrictedGlobals',
    'scripts/more.ts lint/style/noExcessiveLinesPerFile',
    'src/chicken.ts lint/suspicious/noImportCycles',
    'src/egg.ts lint/suspicious/noImportCycles',
    'src/private.ts plugin',
    'test/a.test.ts plugin',
    'test/more.ts lint/style/noExcessiveLinesPerFile',
    'test/private.ts plugin',
  ]);
});

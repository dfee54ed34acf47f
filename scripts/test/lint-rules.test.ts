import { spawnSync } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import { repositoryRoot } from '../lib/repository.mjs';

const folders: string[] = [];
afterEach(() => {
  for (const folder of folders.splice(0)) rmSync(folder, { recursive: true });
});

/** `<file> <rule>` of every problem that Biome finds in files of a package, under our configuration. */
function problemsIn(files: Record<string, string>): string[] {
  const folder = mkdtempSync(join(tmpdir(), 'gru4rec-lint-'));
  folders.push(folder);
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

function functionOf(lines: number): string {
  return `export function work(): void {\n${line.repeat(lines)}}\n`;
}

describe('the rules of biome.jsonc', () => {
  it('refuse an import cycle, even if only types are imported', () => {
    const cycle = {
      'src/chicken.ts': "import type { Egg } from './egg.ts';\nexport type Chicken = { from: Egg };\n",
      'src/egg.ts': "import type { Chicken } from './chicken.ts';\nexport type Egg = { of: Chicken };\n",
    };
    expect(problemsIn(cycle)).toEqual([
      'src/chicken.ts lint/suspicious/noImportCycles',
      'src/egg.ts lint/suspicious/noImportCycles',
    ]);
  });

  it('refuse what only Node has in packages that run in browsers, except in their files for Node', () => {
    const text = "import { join } from 'node:path';\nexport const a = join(String(Buffer), process.arch);\n";
    const own = ['src/a.ts', 'src/a.node.ts', 'test/a.ts'];
    const files = Object.fromEntries(own.map((name) => [`../model/${name}`, text]));
    expect(problemsIn({ ...files, 'src/a.ts': text })).toEqual([
      '../model/src/a.ts lint/correctness/noNodejsModules',
      '../model/src/a.ts lint/style/noRestrictedGlobals',
      '../model/src/a.ts lint/style/noRestrictedGlobals',
    ]);
  });

  it('refuse the modifier private, except on a constructor', () => {
    const text =
      'export class A {\n  private readonly one = 1;\n  two = this.one;\n  private constructor() {}\n}\n';
    expect(problemsIn({ 'src/a.ts': text, 'test/a.ts': text })).toEqual([
      'src/a.ts plugin',
      'test/a.ts plugin',
    ]);
  });

  it('refuse to mock modules, except in files of isolated and of slow tests', () => {
    const text = "import { vi } from 'vitest';\nvi.doMock('./b.ts');\nvi.fn();\n";
    const names = ['test/a.test.ts', 'test/a.isolated.test.ts', 'test/a.slow.test.ts'];
    expect(problemsIn(Object.fromEntries(names.map((name) => [name, text])))).toEqual([
      'test/a.test.ts plugin',
    ]);
  });

  it('refuse a function with more than 60 lines in its body, except in tests', () => {
    const files = {
      'src/short.ts': functionOf(60),
      'src/long.ts': functionOf(61),
      'test/long.ts': functionOf(61),
    };
    expect(problemsIn(files)).toEqual(['src/long.ts lint/complexity/noExcessiveLinesPerFunction']);
  });

  it('refuse a file of more than 600 lines, also in tests', () => {
    const of = (lines: number) => line.repeat(lines);
    const files = {
      'src/short.ts': of(600),
      'scripts/long.ts': of(601),
      'test/short.ts': of(600),
      'test/long.ts': of(601),
    };
    const rule = 'lint/style/noExcessiveLinesPerFile';
    expect(problemsIn(files)).toEqual([`scripts/long.ts ${rule}`, `test/long.ts ${rule}`]);
  });
});

import { execFile, spawnSync } from 'node:child_process';
import {
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  realpathSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { expect } from 'vitest';
import type { Toy } from './toys.ts';

const repository = fileURLToPath(new URL('../../', import.meta.url));

export const run: (file: string, argv: readonly string[], options: object) => Promise<{ stdout: string }> =
  promisify(execFile);

/** Copies the working tree to a temporary folder: sources, installed modules as links, and the built kernels. */
export function copyTree(): string {
  const tree = realpathSync(mkdtempSync(join(tmpdir(), 'gru4rec-recipes-')));
  copyFiles(tree);
  linkModules(tree);
  return tree;
}

function copyFiles(tree: string): void {
  const listing = ['ls-files', '-z', '--cached', '--others', '--exclude-standard'];
  const { stdout } = spawnSync('git', listing, { cwd: repository, encoding: 'utf8', maxBuffer: 2 ** 26 });
  for (const name of [...stdout.split('\0').filter(Boolean), 'packages/engine-wasm/build']) {
    const from = join(repository, name);
    if (existsSync(from)) cpSync(from, join(tree, name), { recursive: true, preserveTimestamps: true });
  }
}

function linkModules(tree: string): void {
  mkdirSync(join(tree, 'node_modules'));
  linkEntries(tree, '.');
  const packages = ['packages', 'apps'].flatMap((group) =>
    readdirSync(join(repository, group)).map((name) => join(group, name)),
  );
  for (const folder of [...packages, join('scripts', 'docs-check')]) linkEntries(tree, folder);
}

function linkEntries(tree: string, folder: string): void {
  const [from, to] = [repository, tree].map((root) => join(root, folder, 'node_modules')) as [string, string];
  if (!existsSync(from)) return;
  for (const name of readdirSync(from).filter((entry) => !/^\.(cache|vite)/.test(entry))) {
    mkdirSync(to, { recursive: true });
    if (name !== '@gru4rec') symlinkSync(join(from, name), join(to, name), 'junction');
  }
  if (!existsSync(join(from, '@gru4rec'))) return;
  mkdirSync(join(to, '@gru4rec'), { recursive: true });
  for (const name of readdirSync(join(from, '@gru4rec'))) {
    const own = realpathSync(join(from, '@gru4rec', name)).slice(realpathSync(repository).length + 1);
    symlinkSync(join(tree, own), join(to, '@gru4rec', name), 'junction');
  }
}

export function addToy(tree: string, { file, text, registry, declaration, line }: Toy): void {
  const name = line.match(/\w*toy\w*/gi)?.at(-1);
  expect(existsSync(join(tree, dirname(file)))).toBe(true);
  writeFileSync(join(tree, file), text);
  const before = readFileSync(join(tree, registry), 'utf8');
  const [head = '', rest = '', ...more] = before.split(`\n${declaration}`);
  expect([rest === '', more.length]).toEqual([false, 0]);
  const end = rest.search(/\n[}\]];?\n?/);
  const body = `${rest.slice(0, end)}\n  ${line}${rest.slice(end)}`;
  const added = `import { ${name} } from './${basename(file)}';`;
  writeFileSync(join(tree, registry), `${added}\n${head}\n${declaration}${body}`);
}

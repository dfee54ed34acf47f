import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { licenceOf, listDependencies } from '../lib/dependencies.mjs';
import { describeLicences } from '../lib/licences.mjs';
import { repositoryRoot } from '../lib/repository.mjs';

const installed = listDependencies(repositoryRoot);

/**
 * Licences that let anybody use, change and redistribute this project together with the dependency. All require that
 * their text is included. Allowing another licence is a decision to review.
 */
const allowedLicences = new Set([
  '0BSD',
  'Apache-2.0',
  'BSD-2-Clause',
  'BSD-3-Clause',
  'BlueOak-1.0.0',
  'CC0-1.0',
  'ISC',
  'MIT',
  'Python-2.0',
  'Unlicense',
]);

/** Whether an SPDX expression can be satisfied by allowed licences. AND binds tighter than OR. `WITH` is not supported. */
function isAllowed(expression: string): boolean {
  return expression
    .replace(/^\((.*)\)$/, '$1')
    .split(' OR ')
    .some((choice) => choice.split(' AND ').every((licence) => allowedLicences.has(licence.trim())));
}

/** Names listed under a key of pnpm-workspace.yaml. */
function workspaceList(yaml: string, key: string): string[] {
  const lines = yaml.split(/\r?\n/);
  const start = lines.findIndex((line) => line.trimEnd() === `${key}:`);
  if (start < 0) return [];
  const names: string[] = [];
  for (const line of lines.slice(start + 1)) {
    const [, name] = /^\s*-\s*['"]?([^'"#\s]+)/.exec(line) ?? [];
    if (name === undefined) break;
    names.push(name);
  }
  return names;
}

describe('listDependencies', () => {
  it('finds direct and indirect dependencies, once per version', () => {
    const names = installed.map(({ name, version }) => `${name}@${version}`);
    expect(names).toContain(
      `zod@${JSON.parse(readFileSync(join(repositoryRoot, 'packages/model/node_modules/zod/package.json'), 'utf8')).version}`,
    );
    expect(new Set(names).size).toBe(names.length);
    expect(names.some((name) => name.startsWith('flatbuffers@'))).toBe(true);
  });

  it('finds no install script that is neither allowed nor refused in pnpm-workspace.yaml', () => {
    const yaml = readFileSync(join(repositoryRoot, 'pnpm-workspace.yaml'), 'utf8');
    const judged = ['onlyBuiltDependencies', 'ignoredBuiltDependencies'].flatMap((key) =>
      workspaceList(yaml, key),
    );
    const scripted = installed.filter(({ hasInstallScript }) => hasInstallScript).map(({ name }) => name);
    expect(scripted.filter((name) => !judged.includes(name))).toEqual([]);
    expect(judged.length).toBeGreaterThan(0);
  });

  it('finds no licence but those that are allowed', () => {
    const others = installed.filter(({ licence }) => !isAllowed(licence));
    expect(others.map(({ name, licence }) => `${name}: ${licence}`)).toEqual([]);
  });
});

describe('workspaceList', () => {
  const yaml =
    "packages:\n  - apps/*\n\nignoredBuiltDependencies:\n  - esbuild\n  - '@a/b' # why\nother: 1\n";

  it('reads the names under a key, or none if the key is missing', () => {
    expect(workspaceList(yaml, 'ignoredBuiltDependencies')).toEqual(['esbuild', '@a/b']);
    expect(workspaceList(yaml, 'onlyBuiltDependencies')).toEqual([]);
  });
});

describe('licenceOf', () => {
  it.each([
    ['MIT', 'MIT'],
    [{ type: 'ISC', url: 'somewhere' }, 'ISC'],
    [[{ type: 'MIT' }, { type: 'Apache-2.0' }], 'MIT OR Apache-2.0'],
    [undefined, 'UNKNOWN'],
  ])('reads %j', (written, licence) => {
    expect(licenceOf(written)).toBe(licence);
  });
});

describe('isAllowed', () => {
  it.each([
    ['MIT', true],
    ['(MIT OR CC0-1.0)', true],
    ['GPL-3.0 OR MIT', true],
    ['MIT AND Apache-2.0', true],
    ['MIT AND GPL-3.0', false],
    ['GPL-3.0', false],
    ['CC-BY-NC-4.0', false],
    ['UNKNOWN', false],
  ])('answers for %s', (expression, expected) => {
    expect(isAllowed(expression)).toBe(expected);
  });

  it('knows every licence of the list', () => {
    for (const licence of allowedLicences) expect(isAllowed(licence)).toBe(true);
  });
});

describe('describeLicences', () => {
  it('lists packages under their licence, the most common licence first', () => {
    const dependency = (name: string, licence: string) => ({
      name,
      version: '1.0.0',
      licence,
      hasInstallScript: false,
    });
    expect(describeLicences([dependency('a', 'ISC'), dependency('b', 'MIT'), dependency('c', 'MIT')])).toBe(
      'MIT (2)\n  b 1.0.0\n  c 1.0.0\nISC (1)\n  a 1.0.0',
    );
  });
});

import { existsSync, lstatSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { repositoryRoot } from '../lib/repository.mjs';

/** Licences of packages whose manifests only point to a file, as somebody read them there. */
const readLicences: Readonly<Record<string, string>> = { 'spawndamnit@3.0.1': 'MIT' };

const store = join(repositoryRoot, 'node_modules', '.pnpm');
const installed = readdirSync(store)
  .map((entry) => join(store, entry, 'node_modules'))
  .filter((folder) => existsSync(folder))
  .flatMap(packageFolders)
  .map(readDependency);

/** The packages that a folder contains itself, without links to others. */
function packageFolders(folder: string): string[] {
  return readdirSync(folder)
    .flatMap((name) => {
      if (!name.startsWith('@')) return [join(folder, name)];
      return readdirSync(join(folder, name)).map((scoped) => join(folder, name, scoped));
    })
    .filter((path) => !lstatSync(path).isSymbolicLink() && existsSync(join(path, 'package.json')));
}

function readDependency(folder: string) {
  const manifest = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8'));
  const { name, version, license, licenses, scripts = {} } = manifest;
  return {
    ...{ name, version },
    licence: readLicences[`${name}@${version}`] ?? licenceOf(license ?? licenses),
    // npm and pnpm build a package with a binding.gyp, even without a script.
    hasInstallScript:
      ['preinstall', 'install', 'postinstall'].some((script) => scripts[script]) ||
      existsSync(join(folder, 'binding.gyp')),
  };
}

/** The licence as an SPDX expression, converted from npm's older forms if necessary. */
function licenceOf(written: unknown): string {
  if (typeof written === 'string') return written;
  const list = Array.isArray(written) ? written : [written];
  const types = list.map((one) => (typeof one === 'string' ? one : one?.type)).filter(Boolean);
  return types.length === 0 ? 'UNKNOWN' : types.join(' OR ');
}

/**
 * Licences that let anybody use, change and redistribute this project together with the dependency. All require that
 * their text is included. Allowing another licence is a decision to review.
 */
const allowedLicences = new Set([
  ...['0BSD', 'Apache-2.0', 'BSD-2-Clause', 'BSD-3-Clause', 'BlueOak-1.0.0', 'CC0-1.0', 'ISC', 'MIT'],
  ...['Python-2.0', 'Unlicense'],
]);

/** Whether an SPDX expression can be satisfied by allowed licences. AND binds tighter than OR. `WITH` is not supported. */
function isAllowed(expression: string): boolean {
  return expression
    .replace(/^\((.*)\)$/, '$1')
    .split(' OR ')
    .some((choice) => choice.split(' AND ').every((licence) => allowedLicences.has(licence.trim())));
}

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

describe('dependencies', () => {
  it('are found, direct and indirect ones', () => {
    const names = installed.map(({ name, version }) => `${name}@${version}`);
    for (const known of ['zod', 'flatbuffers'])
      expect(names).toContainEqual(expect.stringMatching(`^${known}@`));
  });

  it('have no install script that is neither allowed nor refused in pnpm-workspace.yaml', () => {
    const yaml = readFileSync(join(repositoryRoot, 'pnpm-workspace.yaml'), 'utf8');
    const judged = ['onlyBuiltDependencies', 'ignoredBuiltDependencies'].flatMap((key) =>
      workspaceList(yaml, key),
    );
    const scripted = installed.filter(({ hasInstallScript }) => hasInstallScript).map(({ name }) => name);
    expect(scripted.filter((name) => !judged.includes(name))).toEqual([]);
    expect(judged.length).toBeGreaterThan(0);
  });

  it('have no licence but those that are allowed', () => {
    const others = installed.filter(({ licence }) => !isAllowed(licence));
    expect(others.map(({ name, licence }) => `${name}: ${licence}`)).toEqual([]);
  });
});

it.each([
  ['(MIT OR CC0-1.0)', true],
  ['GPL-3.0 OR MIT', true],
  ['MIT AND GPL-3.0', false],
  ['GPL-3.0', false],
  ['UNKNOWN', false],
])('isAllowed answers for %s', (expression, expected) => {
  expect(isAllowed(expression)).toBe(expected);
});

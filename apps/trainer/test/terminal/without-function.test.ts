import { readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { withoutFunction } from '../../src/terminal/without-function.ts';

const packages = fileURLToPath(new URL('../../../../packages', import.meta.url));

/** The beginnings of all texts in the sources of packages that may be a function's name and a colon. */
function beginnings(): string[] {
  const files = readdirSync(packages).flatMap((name) => {
    const folder = `${packages}/${name}/src`;
    return readdirSync(folder, { recursive: true, encoding: 'utf8' }).map((file) => `${folder}/${file}`);
  });
  const found = files
    .filter((file) => file.endsWith('.ts'))
    .flatMap((file) => readFileSync(file, 'utf8').match(/[`'][A-Za-z][\w-]*: (?=.*\bexpected\b)/g) ?? []);
  return [...new Set(found.map((text) => text.slice(1)))];
}

describe('withoutFunction', () => {
  it('takes away every function that a message of a package begins with', () => {
    const all = beginnings();
    expect(all.length).toBeGreaterThan(30);
    const left = all.filter(
      (text) => withoutFunction(`${text}"x" expected 1, got 2`) !== '"x" expected 1, got 2',
    );
    expect(left).toEqual(['configuration: ']);
  });

  it.each([
    'ENOENT: no such file or directory',
    'Warning: x',
    '/data/x: expected a file',
    'mine.json: configuration: "layers" expected a list',
    'The log x.csv: expected a header',
    'GRU4Rec: expected nothing',
    'configuration: unknown key "x"',
  ])('leaves %j', (text) => {
    expect(withoutFunction(text)).toBe(text);
  });
});

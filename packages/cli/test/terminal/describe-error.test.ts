import { readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { describeError, withoutFunction } from '../../src/terminal/describe-error.ts';

describe('describeError', () => {
  it('joins the messages of the causes', () => {
    const error = new Error('no model.', { cause: new Error('no file', { cause: 'disk gone' }) });
    expect(describeError(error)).toBe('no model: no file: disk gone');
  });

  it('does not repeat text', () => {
    expect(describeError(new Error('a bad one: NaN', { cause: new Error('NaN') }))).toBe('a bad one: NaN');
  });

  it('leaves out a longer cause if its first line is already included', () => {
    const cause = new Error('Out of Memory Error: 1 MB\n\nPossible solutions:\n* more');
    expect(describeError(new Error('got Out of Memory Error: 1 MB.', { cause }))).toBe(
      'got Out of Memory Error: 1 MB.',
    );
  });

  it('spells the options that packages name as the command line does', () => {
    const message = 'Correct it (option "onBadRow" skip), option "userColumn" or option "testDays"';
    expect(describeError(new Error(message))).toBe(
      'Correct it (--on-bad-row skip), --columns user or --test',
    );
  });

  it('joins several lines into one', () => {
    expect(describeError(new Error('Invalid values:\n  Argument: engine\n'))).toBe(
      'Invalid values: Argument: engine',
    );
  });

  it('uses the name of an error without a message', () => {
    expect(describeError(new Error('x', { cause: new RangeError() }))).toBe('x: RangeError');
  });

  it('says that a runtime error is a bug, and what to do', () => {
    expect(describeError(new TypeError("Cannot read properties of null (reading 'x')"))).toBe(
      "Unexpected error: TypeError: Cannot read properties of null (reading 'x'). This is a mistake in this program: please report it, with what GRU4REC_DEBUG=1 adds",
    );
  });

  it.each([
    'Array buffer allocation failed',
    'WebAssembly.Memory(): could not allocate memory',
    'ENOMEM: not enough memory, read',
  ])('reports a lack of memory and what to do: %s', (message) => {
    const line = `Too little memory: model cannot be read: ${message}. Give the process more, or use smaller layers, fewer items or fewer threads`;
    expect(describeError(new Error('model cannot be read', { cause: new RangeError(message) }))).toBe(line);
  });
});

const packages = fileURLToPath(new URL('../../../../packages', import.meta.url));

/** All prefixes of texts in packages' sources that look like a function's name and a colon. */
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
  it('removes the function’s name from every message of a package', () => {
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
  ])('keeps %j', (text) => {
    expect(withoutFunction(text)).toBe(text);
  });
});

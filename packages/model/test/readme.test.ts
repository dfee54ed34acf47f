import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { hyperParameters } from '../src/json-schema.ts';

it('lists every hyper-parameter with its default, its values and what it does', () => {
  const readme = readFileSync(new URL('../README.md', import.meta.url), 'utf8');
  const rows = [...readme.matchAll(/^\| `(\w+)` +\| `([^`]+)` +\| (.+?) +\| (.+?) +\|$/gm)].map((row) =>
    row.slice(1),
  );
  expect(rows).toEqual(
    hyperParameters.map(({ key, fallback, expected, meaning }) => [
      ...[key, JSON.stringify(fallback)],
      ...[expected, meaning],
    ]),
  );
});

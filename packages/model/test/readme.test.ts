import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { configDefaults } from '../src/config.ts';

it('lists every hyper-parameter with its default', () => {
  const readme = readFileSync(new URL('../README.md', import.meta.url), 'utf8');
  const rows = [...readme.matchAll(/^\| `(\w+)` +\| `([^`]+)` +\|/gm)].map(([, key, value]) => [key, value]);
  const defaults = Object.entries(configDefaults).map(([key, value]) => [key, JSON.stringify(value)]);
  expect(Object.fromEntries(rows)).toEqual(Object.fromEntries(defaults));
});

import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { program } from './run-program.ts';

it('is the program that the README of the repository shows; program.slow.test.ts runs it', () => {
  const readme = readFileSync(new URL('../../../README.md', import.meta.url), 'utf8');
  expect(readme).toContain(`\`shop.mjs\`:\n\n\`\`\`js\n${program}\`\`\``);
});

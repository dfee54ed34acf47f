import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { pathToFileURL } from 'node:url';
import { expect, it } from 'vitest';
import { program, runProgram } from './run-program.ts';

it('the README of the repository shows a program that prepares, trains, evaluates, recommends and serves', async () => {
  const readme = readFileSync(new URL('../../../README.md', import.meta.url), 'utf8');
  expect(readme).toContain(`\`shop.mjs\`:\n\n\`\`\`js\n${program}\`\`\``);
  const tsx = pathToFileURL(createRequire(import.meta.url).resolve('tsx')).href;
  await runProgram(process.execPath, [`--import=${tsx}`, '--conditions=@gru4rec/source']);
});

import { readdirSync } from 'node:fs';
import { expect, it } from 'vitest';

const packages = new URL('../../packages/', import.meta.url);

/** test-support's example registers tests itself, so its own test runs it. */
const published = readdirSync(packages).filter((name) => name !== 'test-support');

it.each(published)('the example in the README of %s runs', async (name) => {
  await expect(import(new URL(`${name}/test/readme-example.ts`, packages).href)).resolves.toBeDefined();
});
